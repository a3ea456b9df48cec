package import Logging
import Metrics

/// Measures how much waits in the outbox and for how long: the age tells of a stuck relay where a
/// count may not.
package struct OutboxGauge: Sendable {
    private let outbox: any Outbox
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let messages = Gauge(label: "kassa_outbox_messages")
    private let oldest = Gauge(label: "kassa_outbox_oldest_seconds")

    /// - Parameters:
    ///   - outbox: measured over connections that the relay does not need.
    ///   - interval: the pause between two measurements.
    ///   - clock: time; a test's may be virtual.
    ///   - logger: for what goes wrong.
    package init(
        outbox: any Outbox, every interval: Duration = .seconds(5),
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        self.outbox = outbox
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    /// Measures until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                let backlog = try await outbox.backlog()
                messages.record(backlog.count)
                oldest.record(backlog.oldestAge / .seconds(1))
            } catch {
                logger.debug("Outbox not measured", metadata: ["error": "\(error)"])
            }
            try? await clock.sleep(for: interval)
        }
    }
}
