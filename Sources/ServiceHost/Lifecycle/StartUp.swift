package import Logging
import ServiceLifecycle
import SharedKernel
import Synchronization

/// Prepares a daemon's database, then opens the gate: a fault that may pass is waited out, any
/// other ends the daemon.
package struct StartUp: Service {
    private let readiness: Readiness
    private let gate: StartGate
    private let logger: Logger
    private let prepare: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - readiness: told of `database`.
    ///   - gate: opened in the end.
    ///   - prepare: connects, checks and migrates; run again after a transient fault.
    package init(
        readiness: Readiness, gate: StartGate, logger: Logger,
        prepare: @escaping @Sendable () async throws -> Void
    ) {
        self.readiness = readiness
        self.gate = gate
        self.logger = logger
        self.prepare = prepare
    }

    package func run() async throws {
        let failure = Failure()
        try await waitUntilAvailable("database", readiness: readiness, logger: logger) {
            do {
                try await prepare()
            } catch  where !isTransient(error) {
                failure.reason.withLock { $0 = "the database cannot be used: \(error)" }
            }
        }
        if let reason = failure.reason.withLock(\.self) { throw StartFailure(reason) }
        gate.open()
    }

    private final class Failure: Sendable {
        let reason = Mutex<String?>(nil)
    }
}
