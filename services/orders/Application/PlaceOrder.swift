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

    /// - Parameter key: whatever comes again under it is this order, not a second one.
    /// - Returns: the order, PENDING.
    /// - Throws: `IdempotencyKeyIsBusy`.
    package func callAsFunction(
        _ request: OrderRequest, under key: IdempotencyKey? = nil, correlation: Correlation
    ) async throws -> Idempotent<Order> {
        try await orders.add(
            request, as: ids.nextOrderID(), claim: key?.claim(request.fingerprint),
            correlation: correlation)
    }
}
