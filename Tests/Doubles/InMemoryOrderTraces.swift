import Messaging
package import OrdersApplication
import OrdersDomain
package import SharedKernel

/// Orders' lives from an in-memory repository, its outbox and what is parked beside it.
package struct InMemoryOrderTraces: OrderTraces {
    private let orders: InMemoryOrderRepository
    private let parked: InMemoryParkedMessages

    /// - Parameters:
    ///   - orders: the orders and their outbox.
    ///   - parked: messages that were parked.
    package init(orders: InMemoryOrderRepository, parked: InMemoryParkedMessages) {
        self.orders = orders
        self.parked = parked
    }

    package func trace(of order: OrderID) async throws -> OrderTrace? {
        try orders.faults.check()
        guard let life = orders.life(of: order) else { return nil }
        let waiting = orders.outbox.messages.first { $0.id == MessageID(announcing: order) }
        return OrderTrace(
            order: life.order, acceptedBy: orders.instance, endings: life.endings,
            refusals: waiting?.attempts, announcements: life.announcements,
            parked: try await parked.about(order).map {
                OrderTrace.Parked(id: $0.id, at: $0.parkedAt, reason: $0.reason)
            })
    }
}
