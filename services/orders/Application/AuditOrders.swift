package import SharedKernel

/// Shows an auditor the orders, a page at a time.
package struct AuditOrders: Sendable {
    private let orders: any OrderAudit

    /// - Parameter orders: what is audited.
    package init(orders: any OrderAudit) { self.orders = orders }

    /// - Returns: orders, the greatest ids first.
    package func list(before: OrderID?, limit: Int) async throws -> [OrderAuditRow] {
        try await orders.auditRows(before: before, limit: limit)
    }

    /// - Returns: the one order, or nothing.
    package func list(only order: OrderID) async throws -> [OrderAuditRow] {
        try await [orders.auditRow(of: order)].compactMap(\.self)
    }
}
