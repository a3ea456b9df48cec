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

    /// - Parameters:
    ///   - reloads: carried out in order at each signal.
    ///   - notifier: told of the beginning and the end.
    package init(_ reloads: [Reload], logger: Logger, notifier: ServiceNotifier = .process) {
        self.reloads = reloads
        self.logger = logger
        self.notifier = notifier
    }

    package func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { await reload() }
    }

    /// One round: the pass, for tests.
    package func reload() async {
        // systemd takes the time to tell this reload from an earlier one (sd_notify(3)).
        notifier.notify("RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds)")
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
        notifier.notify("READY=1")
    }

    /// Files are read with calls that may block: not on a thread of Swift's pool.
    private static func offPool(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }

    private static var monotonicMicroseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}
