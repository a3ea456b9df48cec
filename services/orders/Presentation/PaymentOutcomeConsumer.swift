package import Logging
package import Messaging
package import OrdersApplication
import OrdersDomain
import SharedKernel

/// The broker's door of Orders: what Payments says became of a charge ends the order.
///
/// A message that repeats is acknowledged and changes nothing; one that contradicts its order, or
/// speaks of an order that does not exist, is parked.
package struct PaymentOutcomeConsumer: Sendable {
    private let consumer: InboxConsumer<PaymentOutcome>

    /// - Parameters:
    ///   - type: the event that the queue carries, `payment_success` or `payment_failed`; it stands
    ///     for messages that do not tell their own.
    ///   - source: the queue.
    ///   - parking: where poison goes, and what is not believed.
    ///   - publisher: whose messages are believed.
    ///   - settleOrders: the use case behind the door.
    ///   - clock: time; a test's may be virtual.
    ///   - backoff: the rests after faults that may pass.
    ///   - pulse: told that the loop goes on.
    package init(
        type: String, source: any MessageSource, parking: any Parking,
        publisher: TrustedPublisher,
        settleOrders: SettleOrders,
        clock: any Clock<Duration> = ContinuousClock(),
        backoff: Backoff = .brief, pulse: Pulse = .none, logger: Logger
    ) {
        consumer = InboxConsumer(
            name: type, source: source, parking: parking, publisher: publisher,
            clock: clock, backoff: backoff, pulse: pulse, logger: logger
        ) { delivery throws(UnreadableEvent) in
            try PaymentOutcome(type: delivery.type ?? type, payload: delivery.body)
        } handle: { received in
            try await settleOrders(received.map(SettleRequest.init)).map(Verdict.init)
        }
    }

    /// Consumes until the task is cancelled.
    package func run() async { await consumer.run() }

    /// Handles one batch: the pass, for tests.
    package func process(_ batch: DeliveryBatch) async throws {
        try await consumer.process(batch)
    }
}

extension SettleRequest {
    init(_ received: Received<PaymentOutcome>) {
        self.init(outcome: received.event, publication: received.publication)
    }
}

extension Verdict {
    fileprivate init(_ settlement: Order.Settlement?) {
        self =
            switch settlement {
            case .settled, .repeated: .handled
            case .contradicts(let reason): .park(reason: "contradiction: \(reason)")
            case nil: .park(reason: "order not found")
            }
    }
}
