package import OrdersDomain
package import SharedKernel

/// Looks an order up, with what happened to it.
package struct FindOrder: Sendable {
    private let orders: any OrderRepository

    /// - Parameter orders: where the orders are.
    package init(orders: any OrderRepository) { self.orders = orders }

    /// - Returns: the order, or nil.
    package func callAsFunction(_ id: OrderID) async throws -> Order? {
        try await orders.find(id)
    }

    /// - Returns: the order and its changes, oldest first, or nil.
    package func withHistory(_ id: OrderID) async throws -> (Order, [OrderChange])? {
        try await orders.findWithHistory(id)
    }
}
