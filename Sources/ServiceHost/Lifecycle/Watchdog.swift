import Glibc
import Logging
import PinnedThread
import ServiceLifecycle

/// Feeds systemd's watchdog for as long as every loop makes progress, and until the daemon is ready
/// puts off the end of its start.
///
/// It has a thread of its own: where Swift's threads are all stuck, it can still say so. Then it
/// feeds no more, and systemd ends the daemon and starts it anew.
actor Watchdog: Service {
    private let thread: PinnedThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    private let progress: Progress
    private let interval: Duration
    private let notify: @Sendable (ServiceNotice) -> Void
    private let hasStarted: @Sendable () -> Bool
    private let logger: Logger

    /// - Parameters:
    ///   - period: what systemd waits for a sign of life; half of it lies between two of them.
    ///   - hasStarted: whether READY has been said.
    /// - Throws: where the system has no thread left.
    init(
        progress: Progress, period: Duration,
        hasStarted: @escaping @Sendable () -> Bool,
        notify: @escaping @Sendable (ServiceNotice) -> Void, logger: Logger
    ) throws {
        thread = try PinnedThread(name: "watchdog")
        self.progress = progress
        self.interval = period / 3
        self.hasStarted = hasStarted
        self.notify = notify
        self.logger = logger
    }

    /// How long systemd waits for a sign of life; nil where it does not watch this process.
    static func period(
        _ environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) -> Duration? {
        // Without a pid the period is for whoever reads it.
        if let pid = environment("WATCHDOG_PID"), Int32(pid) != getpid() { return nil }
        guard let text = environment("WATCHDOG_USEC"), let period = Int64(text), period > 0 else {
            return nil
        }
        return .microseconds(period)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.feed()
                try? await Task.sleep(for: self.interval)
            }
        }
    }

    /// One look at everybody, and a sign of life if nobody is overdue.
    func feed() {
        let overdue = progress.overdue()
        guard overdue.isEmpty else {
            logger.critical(
                "a loop hangs, so systemd's watchdog is not fed and will restart this daemon",
                metadata: [
                    "loops": .array(overdue.map { "\($0.name), silent for \($0.silence)" })
                ])
            return
        }
        notify(.alive)
        if !hasStarted() { notify(.startTakes(interval * 6)) }
    }
}
