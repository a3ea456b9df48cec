package import OrdersDomain
package import SharedKernel

/// Accepts an order: when it returns, the order and its announcement are committed, and will be
/// settled without anybody's help.
package struct PlaceOrder: Sendable {
    private let orders: any OrderRepository
    private let ids: UUIDv7Source

    /// - Parameters:
    ///   - orders: where the orders are.
    ///   - ids: makes the new order's id.
    package init(orders: any OrderRepository, ids: UUIDv7Source = UUIDv7Source()) {
        self.orders = orders
        self.ids = ids
    }

    /// - Returns: the order, PENDING.
    package func callAsFunction(
        _ request: OrderRequest, correlation: Correlation
    ) async throws -> Order {
        try await orders.add(request, as: ids.nextOrderID(), correlation: correlation)
    }
}
