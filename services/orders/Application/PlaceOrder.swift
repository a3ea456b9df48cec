package import OrdersDomain
package import SharedKernel

/// Accepts orders: what is answered is committed, the order and its announcement, and will be
/// settled without anybody's help.
package struct PlaceOrder: Sendable {
    /// An order that a customer asks for.
    package struct Wish: Sendable {
        let request: OrderRequest
        let key: IdempotencyKey?
        let correlation: Correlation

        /// - Parameters:
        ///   - key: whatever comes again under it is this order, not a second one.
        ///   - correlation: the trip that the order begins.
        package init(
            _ request: OrderRequest, under key: IdempotencyKey? = nil, correlation: Correlation
        ) {
            self.request = request
            self.key = key
            self.correlation = correlation
        }
    }

    /// What became of a wish: the order, PENDING, or `IdempotencyKeyIsBusy`, or what failed.
    package typealias Answer = Result<Idempotent<Order>, any Error>

    private let orders: any OrderRepository
    private let ids: UUIDv7Source

    /// - Parameters:
    ///   - orders: where the orders are.
    ///   - ids: makes the new order's id.
    package init(orders: any OrderRepository, ids: UUIDv7Source = UUIDv7Source()) {
        self.orders = orders
        self.ids = ids
    }

    /// Accepts one order.
    ///
    /// - Returns: the order, PENDING.
    /// - Throws: `IdempotencyKeyIsBusy`.
    package func callAsFunction(
        _ request: OrderRequest, under key: IdempotencyKey? = nil, correlation: Correlation
    ) async throws -> Idempotent<Order> {
        try await orders.add(
            request, as: ids.nextOrderID(), claim: key?.claim(request.fingerprint),
            correlation: correlation)
    }

    /// Accepts orders that came together, each for itself.
    ///
    /// - Parameter wishes: up to ``OrderAddition/togetherLimit``.
    /// - Returns: what became of each, in their order.
    package func callAsFunction(together wishes: [Wish]) async -> [Answer] {
        await orders.add(
            wishes.map { wish in
                OrderAddition(
                    id: ids.nextOrderID(), request: wish.request,
                    claim: wish.key?.claim(wish.request.fingerprint),
                    correlation: wish.correlation)
            })
    }
}
