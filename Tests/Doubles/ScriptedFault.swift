import SharedKernel
import Synchronization

/// An error that a test has asked a double for.
package struct ScriptedFault: TransientFault, InputFault, Equatable {
    package let isTransient: Bool
    /// One that does not pass is the input's fault.
    package var concernsInput: Bool { !isTransient }

    /// - Parameter isTransient: whether the same call may succeed later.
    package init(isTransient: Bool) { self.isTransient = isTransient }
}

/// The next calls of a double that are to fail, in order.
package final class FaultScript: Sendable {
    private let faults = Mutex<[any Error]>([])

    /// No call fails.
    package init() {}

    /// Has the next `count` calls fail.
    package func fail(_ count: Int = 1, _ fault: any Error = ScriptedFault(isTransient: true)) {
        faults.withLock { $0 += Array(repeating: fault, count: count) }
    }

    /// Throws what is due for this call.
    package func check() throws {
        let fault = faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let fault { throw fault }
    }
}
