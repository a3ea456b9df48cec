package import Logging
import Metrics
import SharedKernel

/// Takes messages from a queue, in batches, and has them handled: at-least-once, acknowledged after
/// the commit.
///
/// What arrives while one batch is under way is the next batch: an idle system answers at once, a
/// busy one shares its transactions. The pass is ``process(_:)``, the loop ``run()``.
package struct InboxConsumer<Event: Sendable>: Sendable {
    /// Handles events in one transaction and gives a verdict on each, in order. Throws where
    /// nothing was committed.
    package typealias Handle = @Sendable ([Received<Event>]) async throws -> [Verdict]

    /// Messages that one transaction handles at most.
    package static var batchLimit: Int { 256 }

    private let source: any MessageSource
    private let parking: any Parking
    private let reader: DeliveryReader<Event>
    private let handle: Handle
    private let clock: any Clock<Duration>
    private let backoff: Backoff
    private let pulse: Pulse
    private let logger: Logger
    private let handledMessages: Counter
    private let parkedMessages: Counter
    private let stopping = WakeSignal()

    /// - Parameters:
    ///   - name: of the consumer, for metrics and logs.
    ///   - source: the queue.
    ///   - parking: where poison goes, and what is not believed.
    ///   - publisher: whose messages are believed.
    ///   - clock: time; a test's may be virtual.
    ///   - backoff: the rests after faults that may pass.
    ///   - pulse: told of each step, and that the queue may be empty for ever.
    ///   - logger: for what goes wrong.
    ///   - read: the parser at this door.
    ///   - handle: the use case behind it.
    package init(
        name: String, source: any MessageSource, parking: any Parking,
        publisher: TrustedPublisher,
        clock: any Clock<Duration> = ContinuousClock(),
        backoff: Backoff = .brief, pulse: Pulse = .none, logger: Logger,
        read: @escaping DeliveryReader<Event>.Read,
        handle: @escaping Handle
    ) {
        self.source = source
        self.parking = parking
        reader = DeliveryReader(publisher: publisher, read: read)
        self.clock = clock
        self.backoff = backoff
        self.pulse = pulse
        self.logger = logger
        self.handle = handle
        let labels = [("consumer", name)]
        handledMessages = Counter(label: "kassa_inbox_handled_total", dimensions: labels)
        parkedMessages = Counter(label: "kassa_inbox_parked_total", dimensions: labels)
    }

    /// Consumes until the task is cancelled; a transaction under way is finished first, and what is
    /// held beyond it goes back to the queue.
    package func run() async {
        await withTaskCancellationHandler {
            while !Task.isCancelled {
                do {
                    pulse.wait()
                    let batch = try await source.nextBatch(upTo: Self.batchLimit)
                    try await finishing { try await process(batch) }
                } catch is CancellationError {
                    return
                } catch {
                    // The source reconnects by itself; what was not acknowledged comes again.
                    logger.warning("Batch not settled", metadata: ["error": "\(error)"])
                }
            }
        } onCancel: {
            stopping.ring()
        }
    }

    /// One pass: read, handle, park what cannot be handled, acknowledge.
    ///
    /// - Throws: when the batch could not be settled with the broker, or was given back on the way
    ///   to a stop.
    package func process(_ batch: DeliveryBatch) async throws {
        let readings = batch.deliveries.map(reading)
        var machine = ConsumerMachine(faults: readings.map(\.fault), backoff: backoff)
        while true {
            pulse.beat()
            switch machine.action {
            case .handle(let positions):
                do {
                    let verdicts = try await handle(
                        positions.compactMap { readings[$0].received })
                    handledMessages.increment(by: verdicts.count { $0 == .handled })
                    machine.handled(verdicts)
                } catch {
                    failed(&machine, error)
                }
            case .park(let parked):
                do {
                    try await park(parked, of: batch)
                    machine.parked()
                } catch {
                    failed(&machine, error)
                }
            case .rest(let duration):
                if await stopping.wait(atMost: duration, clock: clock) {
                    try await source.giveBack(batch)
                    throw CancellationError()
                }
                machine.rested()
            case .acknowledge:
                try await source.acknowledge(batch)
                return
            }
        }
    }

    private func reading(_ delivery: Delivery) -> (received: Received<Event>?, fault: String?) {
        do throws(UnreadableEvent) {
            return (try reader(delivery), nil)
        } catch {
            return (nil, error.description)
        }
    }

    private func failed(_ machine: inout ConsumerMachine, _ error: any Error) {
        // A message is parked for its own faults alone. Trouble of ours, of whatever kind, is
        // waited out: it would park every message that came along.
        if concernsInput(error) {
            machine.failedForGood(reason: "\(error)")
        } else {
            machine.failedForNow()
        }
        logger.warning(
            "Messages could not be handled", metadata: ["error": "\(error)"])
    }

    private func park(_ parked: [ConsumerMachine.Parked], of batch: DeliveryBatch) async throws {
        try await parking.park(
            parked.map {
                ParkedMessage(delivery: batch.deliveries[$0.position], reason: $0.reason)
            })
        parkedMessages.increment(by: parked.count)
        for message in parked {
            let delivery = batch.deliveries[message.position]
            logger.error(
                "Message parked",
                metadata: [
                    "queue": "\(delivery.queue)", "reason": "\(message.reason)",
                    "message_id": "\(delivery.messageID.map(\.description) ?? "none")",
                ])
        }
    }
}
