import Dispatch
import Glibc
package import Logging
import ServiceLifecycle
import UnixSignals

/// Something that a daemon reads anew on SIGHUP.
package struct Reload: Sendable {
    let name: String
    let perform: @Sendable () throws -> Void

    /// - Parameters:
    ///   - name: for the log, such as `tokens`.
    ///   - perform: reads it; where that throws, what was there before must still hold.
    package init(_ name: String, _ perform: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.perform = perform
    }
}

/// Reads settings anew on SIGHUP, without a pause at the doors, and tells systemd so.
///
/// What cannot be used is logged as an error and changes nothing; SIGHUP never ends a daemon.
package struct Reloading: Service {
    private let reloads: [Reload]
    private let logger: Logger
    private let notifier: ServiceNotifier
    private let hasStarted: @Sendable () -> Bool

    /// - Parameters:
    ///   - reloads: carried out in order at each signal.
    ///   - notifier: told of the beginning and the end.
    ///   - hasStarted: whether the daemon has said that it is ready; a reload before must not.
    package init(
        _ reloads: [Reload], logger: Logger, notifier: ServiceNotifier = .process,
        hasStarted: @escaping @Sendable () -> Bool = { true }
    ) {
        self.reloads = reloads
        self.logger = logger
        self.notifier = notifier
        self.hasStarted = hasStarted
    }

    package func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { await reload() }
    }

    /// One round: the pass, for tests.
    package func reload() async {
        let tells = hasStarted()
        if tells { notifier.notify(.reloading) }
        for reload in reloads {
            do {
                try await Self.offPool(reload.perform)
                logger.notice("read anew", metadata: ["what": "\(reload.name)"])
            } catch {
                logger.error(
                    "not read anew, what was there before holds",
                    metadata: ["what": "\(reload.name)", "reason": "\(error)"])
            }
        }
        if reloads.isEmpty { logger.notice("SIGHUP: there is nothing to read anew") }
        if tells { notifier.notify(.ready) }
    }

    /// Files are read with calls that may block: not on a thread of Swift's pool.
    private static func offPool(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }
}
