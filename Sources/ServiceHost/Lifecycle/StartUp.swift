package import Logging
import ServiceLifecycle
import SharedKernel

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
        try await prepared()
        gate.open()
        // A service that ended while the group shuts down would count as a failure.
        try? await gracefulShutdown()
    }

    /// Waits until the database is prepared.
    ///
    /// - Throws: ``StartFailure`` for what waiting cannot mend.
    package func prepared() async throws {
        try await waitUntilAvailable("database", readiness: readiness, logger: logger) {
            do {
                try await prepare()
            } catch let error where !isTransient(error) {
                throw StartFailure("the database cannot be used: \(error)")
            }
        }
    }
}
