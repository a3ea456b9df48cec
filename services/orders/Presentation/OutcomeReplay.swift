package import Messaging
package import OrdersApplication
import OrdersDomain
import SharedKernel

/// An operator's replay of an outcome that Orders has parked: through the consumer's own reading
/// and the same use case.
package struct OutcomeReplay: Sendable {
    private let settleOrders: SettleOrders
    private let findOrder: FindOrder
    private let reader: DeliveryReader<PaymentOutcome>

    /// - Parameters:
    ///   - types: the event that each queue carries.
    ///   - publisher: whose messages are believed.
    ///   - settleOrders: the use case behind the consumers' door.
    ///   - findOrder: shows the order that a replay would end.
    package init(
        types: [String: String], publisher: TrustedPublisher, settleOrders: SettleOrders,
        findOrder: FindOrder
    ) {
        self.settleOrders = settleOrders
        self.findOrder = findOrder
        reader = DeliveryReader(publisher: publisher) { delivery throws(UnreadableEvent) in
            let type = delivery.type ?? types[delivery.queue] ?? ""
            return try PaymentOutcome(type: type, payload: delivery.body)
        }
    }

    /// For the parking desk.
    package var replay: MessageReplay {
        MessageReplay(reader: reader) { [findOrder] received in
            guard var order = try await findOrder(received.event.orderID) else {
                return Self.outcome(nil, of: received.event, would: true)
            }
            return Self.outcome(order.settle(by: received.event), of: received.event, would: true)
        } replay: { [settleOrders] received in
            let settlement = try await settleOrders([SettleRequest(received)]).first ?? nil
            return Self.outcome(settlement, of: received.event, would: false)
        }
    }

    private static func outcome(
        _ settlement: Order.Settlement?, of event: PaymentOutcome, would: Bool
    ) -> ReplayOutcome {
        let end = event.verdict == .paid ? "PAID" : "FAILED"
        switch settlement {
        case .settled:
            let words = would ? "would end order" : "ended order"
            return ReplayOutcome(isHandled: true, words: "\(words) \(event.orderID): \(end)")
        case .repeated:
            return ReplayOutcome(
                isHandled: true, words: "order \(event.orderID) is \(end) already: nothing to do")
        case .contradicts(let reason):
            return ReplayOutcome(isHandled: false, words: "stays parked: \(reason)")
        case nil:
            return ReplayOutcome(isHandled: false, words: "stays parked: order not found")
        }
    }
}
