import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The loops that every daemon has, whatever it does: Swift's threads and the doors' event loops.
/// A thread that is blocked in one of them shows here.
struct Heartbeat: Service {
    private static let interval = Duration.seconds(1)
    /// One second of work at most, on a machine that may be very busy.
    private static let patience = Duration.seconds(20)

    let progress: Progress

    /// What keeps systemd's watchdog fed; nothing where systemd does not watch this process.
    static func services(
        _ progress: Progress, logger: Logger, hasStarted: @escaping @Sendable () -> Bool
    ) throws -> [any Service] {
        guard let period = Watchdog.period() else { return [] }
        let watchdog = try Watchdog(
            progress: progress, period: period, hasStarted: hasStarted,
            notify: { ServiceNotifier.process.notify($0) }, logger: logger)
        return [watchdog, Heartbeat(progress: progress)]
    }

    func run() async throws {
        let eventLoops = MultiThreadedEventLoopGroup.singleton.makeIterator().enumerated().map {
            let loop = progress.enter("event loop \($0.offset)", patience: Self.patience)
            return $0.element.scheduleRepeatedTask(
                initialDelay: .zero, delay: TimeAmount(Self.interval)
            ) { _ in loop.beat() }
        }
        await cancelWhenGracefulShutdown {
            let loop = progress.enter("Swift's threads", patience: Self.patience)
            while !Task.isCancelled {
                loop.beat()
                try? await Task.sleep(for: Self.interval)
            }
            loop.leave()
        }
        for loop in eventLoops { loop.cancel() }
    }
}
