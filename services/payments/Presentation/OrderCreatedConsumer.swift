package import Logging
package import Messaging
package import PaymentsApplication
import PaymentsDomain
import SharedKernel

/// The broker's door of Payments: an accepted order is charged, at most once.
///
/// A message that repeats gets the first answer again; one that contradicts what was decided is
/// parked.
package struct OrderCreatedConsumer: Sendable {
    private let consumer: InboxConsumer<OrderCreated>

    /// - Parameters:
    ///   - source: the queue.
    ///   - parking: where poison goes, and what is not believed.
    ///   - publisher: whose messages are believed.
    ///   - chargeOrders: the use case behind the door.
    ///   - clock: time; a test's may be virtual.
    ///   - backoff: the rests after faults that may pass.
    ///   - pulse: told that the loop goes on.
    package init(
        source: any MessageSource, parking: any Parking, publisher: TrustedPublisher,
        chargeOrders: ChargeOrders,
        clock: any Clock<Duration> = ContinuousClock(),
        backoff: Backoff = .brief, pulse: Pulse = .none, logger: Logger
    ) {
        consumer = InboxConsumer(
            name: OrderCreated.type, source: source, parking: parking, publisher: publisher,
            clock: clock, backoff: backoff, pulse: pulse, logger: logger
        ) { delivery throws(UnreadableEvent) in
            try OrderCreated(payload: delivery.body)
        } handle: { received in
            try await chargeOrders(received.map(ChargeRequest.init)).map(Verdict.init)
        }
    }

    /// Consumes until the task is cancelled.
    package func run() async { await consumer.run() }

    /// Handles one batch: the pass, for tests.
    package func process(_ batch: DeliveryBatch) async throws {
        try await consumer.process(batch)
    }
}

extension Verdict {
    fileprivate init(_ entry: ChargeBook.Entry) {
        self =
            switch entry {
            case .decided, .repeated: .handled
            case .contradicts(let reason): .park(reason: "contradiction: \(reason)")
            }
    }
}
