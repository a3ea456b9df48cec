package import Messaging
package import PaymentsApplication
import PaymentsDomain
import SharedKernel

/// An operator's replay of an announcement that Payments has parked: through the consumer's own
/// reading, the same use case and the same inbox.
package struct ChargeReplay: Sendable {
    private let chargeOrders: ChargeOrders
    private let reader: DeliveryReader<OrderCreated>

    /// - Parameters:
    ///   - publisher: whose messages are believed.
    ///   - chargeOrders: the use case behind the consumer's door.
    package init(publisher: TrustedPublisher, chargeOrders: ChargeOrders) {
        self.chargeOrders = chargeOrders
        reader = DeliveryReader(publisher: publisher) { delivery throws(UnreadableEvent) in
            try OrderCreated(payload: delivery.body)
        }
    }

    /// For the parking desk.
    package var replay: MessageReplay {
        MessageReplay(reader: reader) { [chargeOrders] received in
            let rehearsal = try await chargeOrders.rehearse(ChargeRequest(received))
            return Self.outcome(rehearsal.entry, rehearsal)
        } replay: { [chargeOrders] received in
            let entry = try await chargeOrders([ChargeRequest(received)]).first
            return Self.outcome(entry, nil)
        }
    }

    private static func outcome(
        _ entry: ChargeBook.Entry?, _ rehearsal: ChargeRehearsal?
    ) -> ReplayOutcome {
        let would = rehearsal == nil ? "" : "would "
        switch entry {
        case .decided(let outcome):
            guard case .failed(let reason) = outcome.verdict else {
                let change = rehearsal.flatMap { rehearsal in
                    rehearsal.before.flatMap { before in
                        rehearsal.after.map { ": \(before) → \($0)" }
                    }
                }
                let verb = rehearsal == nil ? "debited" : "debit"
                return ReplayOutcome(
                    isHandled: true,
                    words: "\(would)\(verb) \(outcome.amount) from \(outcome.userID)"
                        + (change ?? ""))
            }
            let verb = rehearsal == nil ? "refused" : "refuse"
            let balance = rehearsal?.before.map { ", the balance is \($0)" } ?? ""
            return ReplayOutcome(
                isHandled: true,
                words: "\(would)\(verb) \(outcome.amount) to \(outcome.userID): "
                    + "\(reason?.rawValue ?? "no reason")\(balance)")
        case .repeated(let outcome):
            let end = outcome.verdict == .paid ? "PAID" : "FAILED"
            let verb = rehearsal == nil ? "told it again" : "tell it again"
            return ReplayOutcome(
                isHandled: true, words: "was decided before, \(end): \(would)\(verb)")
        case .contradicts(let reason):
            return ReplayOutcome(isHandled: false, words: "stays parked: \(reason)")
        case nil:
            return ReplayOutcome(isHandled: false, words: "stays parked: nothing was decided")
        }
    }
}

extension ChargeRequest {
    init(_ received: Received<OrderCreated>) {
        self.init(
            messageID: received.messageID, order: received.event,
            correlation: received.correlation, publication: received.publication)
    }
}
