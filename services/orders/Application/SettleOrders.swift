package import OrdersDomain

/// Ends orders by what Payments says became of their charges, once each.
package struct SettleOrders: Sendable {
    private let orders: any OrderRepository

    /// - Parameter orders: where the orders are.
    package init(orders: any OrderRepository) { self.orders = orders }

    /// - Returns: for each outcome, in order, what it meant; nil for an order that does not exist.
    package func callAsFunction(_ requests: [SettleRequest]) async throws -> [Order.Settlement?] {
        try await orders.settle(requests) { outcome, order in order?.settle(by: outcome) }
    }
}
