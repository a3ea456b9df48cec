import Synchronization

/// Closed until something has started, such as the database's preparation: what needs it waits
/// here, what is asked for it says 503.
package final class StartGate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether the daemon has started.
    package var isOpen: Bool { state.withLock(\.isOpen) }

    /// Lets everybody through, from now on.
    package func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the gate is open or the task is cancelled.
    package func opened() async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isOpen, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Lets a request through once the daemon has started.
    ///
    /// - Throws: ``HTTPFault`` 503 while the gate is closed.
    package func admit() throws(HTTPFault) {
        guard isOpen else { throw .unavailable("Starting, waiting for the database") }
    }
}
