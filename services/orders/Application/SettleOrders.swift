package import OrdersDomain
package import SharedKernel

/// Ends orders by what Payments says became of their charges, once each.
package struct SettleOrders: Sendable {
    private let orders: any OrderRepository

    /// - Parameter orders: where the orders are.
    package init(orders: any OrderRepository) { self.orders = orders }

    /// - Returns: for each outcome, in order, what it meant; nil for an order that does not exist.
    package func callAsFunction(_ outcomes: [PaymentOutcome]) async throws -> [Order.Settlement?] {
        try await orders.settle(outcomes) { outcome, order in order?.settle(by: outcome) }
    }
}
