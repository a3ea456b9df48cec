package import Logging
import Metrics
import SharedKernel

/// Publishes what the outbox holds: at-least-once, in the order of commits as far as one relay
/// goes.
///
/// Any number of relays may work on one outbox. The pass is ``runOnce()``, the loop ``run()``.
package struct OutboxRelay: Sendable {
    /// Rows that one pass claims at most: they share one confirm window and one delete.
    package static let batchLimit = 256

    private let outbox: any Outbox
    private let publisher: any MessagePublisher
    private let wake: WakeSignal
    private let pollInterval: Duration
    private let clock: any Clock<Duration>
    private let backoff: Backoff
    private let pulse: Pulse
    private let logger: Logger
    private let published = Counter(label: "kassa_outbox_published_total")
    private let postponed = Counter(label: "kassa_outbox_postponed_total")
    private let failedPasses = Counter(label: "kassa_outbox_failed_passes_total")

    /// - Parameters:
    ///   - outbox: where the messages wait.
    ///   - publisher: the way to the broker.
    ///   - wake: rung by whoever commits a message in this process.
    ///   - pollInterval: the fallback for messages that nobody rang for.
    ///   - clock: time; a test's may be virtual.
    ///   - backoff: the rests after passes that failed.
    ///   - pulse: told of each pass and each rest.
    ///   - logger: for what goes wrong.
    package init(
        outbox: any Outbox, publisher: any MessagePublisher, wake: WakeSignal,
        pollInterval: Duration, clock: any Clock<Duration> = ContinuousClock(),
        backoff: Backoff = .brief, pulse: Pulse = .none, logger: Logger
    ) {
        self.outbox = outbox
        self.publisher = publisher
        self.wake = wake
        self.pollInterval = pollInterval
        self.clock = clock
        self.backoff = backoff
        self.pulse = pulse
        self.logger = logger
    }

    /// One pass: claim, publish, delete what was confirmed, put off the rest.
    ///
    /// - Returns: how many messages were claimed.
    /// - Throws: when database or broker failed; nothing is lost, some may be published again.
    package func runOnce() async throws -> Int {
        try await outbox.relay(upTo: Self.batchLimit) { messages in
            let outcomes = try await publisher.publish(messages)
            guard outcomes.count == messages.count else { throw MissingOutcomes() }
            report(messages, outcomes)
            return zip(messages, outcomes).map(RelayMachine.disposition)
        }
    }

    /// Relays until the task is cancelled; a pass under way is finished first.
    package func run() async {
        var machine = RelayMachine(
            batchLimit: Self.batchLimit, pollInterval: pollInterval, backoff: backoff)
        var action = RelayMachine.Action.pass
        while !Task.isCancelled {
            pulse.beat()
            switch action {
            case .pass:
                do {
                    action = machine.passed(claimed: try await finishing { try await runOnce() })
                } catch {
                    failedPasses.increment()
                    action = machine.failed()
                    logger.warning(
                        "Relay pass failed, messages stay in the outbox",
                        metadata: ["error": "\(error)", "next": "\(action)"])
                }
            case .idle(let limit):
                await wake.wait(atMost: limit, clock: clock)
                action = machine.rested()
            case .recover(let limit):
                try? await clock.sleep(for: limit)
                action = machine.rested()
            }
        }
    }

    private func report(_ messages: [OutboxMessage], _ outcomes: [PublishOutcome]) {
        let confirmed = outcomes.count { $0 == .confirmed }
        published.increment(by: confirmed)
        guard confirmed < outcomes.count else { return }
        postponed.increment(by: outcomes.count - confirmed)
        for (message, outcome) in zip(messages, outcomes) where outcome != .confirmed {
            logger.warning(
                "The broker turned a message down, it will be tried again",
                metadata: [
                    "message_id": "\(message.id)", "type": "\(message.type)",
                    "outcome": "\(outcome)", "attempts": "\(message.attempts + 1)",
                ])
        }
    }
}

/// A publisher that broke its word: every message has an outcome.
private struct MissingOutcomes: TransientFault {
    let isTransient = true
}

/// Runs `work` to its end even when the calling task is cancelled meanwhile: half a pass helps
/// nobody. It runs where the caller does: on its task executor, if it has one.
func finishing<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
    return try await Task(executorPreference: executor) { try await work() }.value
}
