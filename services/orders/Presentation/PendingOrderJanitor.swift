package import Logging
import Messaging
import Metrics
package import OrdersApplication
package import SharedKernel

/// The clock's door of Orders: now and then it has orders announced again that still wait for their
/// end.
///
/// The pass is ``runOnce(_:)``, the loop ``run()``.
package struct PendingOrderJanitor: Sendable {
    private let announceAgain: AnnounceAgain
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let jitter: @Sendable () -> Double
    private let logger: Logger
    private let announced = Counter(label: "kassa_orders_announced_again_total")

    /// Between two sweeps of one round: others use the database too.
    private static let breath: Duration = .milliseconds(50)

    /// - Parameters:
    ///   - announceAgain: the use case behind the door.
    ///   - interval: between two rounds; a tenth is left to chance, so that instances that started
    ///     together do not sweep together.
    ///   - clock: time; a test's may be virtual.
    ///   - jitter: draws a number from 0 to 1; a test's may be seeded.
    ///   - logger: for what is announced again, and for what goes wrong.
    package init(
        announceAgain: AnnounceAgain, interval: Duration,
        clock: any Clock<Duration> = ContinuousClock(),
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }, logger: Logger
    ) {
        self.announceAgain = announceAgain
        self.interval = interval
        self.clock = clock
        self.jitter = jitter
        self.logger = logger
    }

    /// One sweep: the pass, for tests.
    ///
    /// - Returns: where the next one goes on; nil at the end of a round.
    package func runOnce(_ sweep: PendingSweep) async throws -> OrderID? {
        let result = try await announceAgain(sweep)
        if let oldest = result.announced.first {
            announced.increment(by: result.announced.count)
            logger.warning(
                "Orders announced again, which were PENDING for too long",
                metadata: ["count": "\(result.announced.count)", "oldest": "\(oldest)"])
        }
        return result.next
    }

    /// Sweeps until the task is cancelled.
    package func run() async {
        var after: OrderID?
        var backoff = Backoff(initial: .seconds(1), jitter: jitter)
        while !Task.isCancelled {
            let pause: Duration
            do {
                after = try await runOnce(PendingSweep(after: after))
                backoff.reset()
                pause = after == nil ? interval * (1 - 0.1 * jitter()) : Self.breath
            } catch {
                pause = backoff.next()
                logger.warning(
                    "Pending orders not looked at", metadata: ["error": "\(error)"])
            }
            try? await clock.sleep(for: pause)
        }
    }
}
