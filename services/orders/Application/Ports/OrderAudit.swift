package import OrdersDomain
package import SharedKernel

/// An order in all the places that must tell the same of it, as of one moment. Nothing here is
/// sure to be right: that is for an auditor to find.
package struct OrderAuditRow: Hashable, Sendable {
    package let id: OrderID
    package let userID: String
    package let amount: Money
    package let status: OrderStatus
    /// The ends that its history tells of.
    package let ends: [OrderStatus]
    /// Whether it is among those that are announced again until they end.
    package let isAwaited: Bool

    /// - Parameters: as the properties.
    package init(
        id: OrderID, userID: String, amount: Money, status: OrderStatus, ends: [OrderStatus],
        isAwaited: Bool
    ) {
        self.id = id
        self.userID = userID
        self.amount = amount
        self.status = status
        self.ends = ends
        self.isAwaited = isAwaited
    }
}

/// The orders as an auditor reads them. Nothing here changes anything.
package protocol OrderAudit: Sendable {
    /// Orders, the greatest ids first.
    ///
    /// - Parameters:
    ///   - before: only orders with ids less than this one; nil begins with the greatest.
    ///   - limit: 1 to 1,000.
    func auditRows(before: OrderID?, limit: Int) async throws -> [OrderAuditRow]

    /// One order; nil where there is none.
    func auditRow(of order: OrderID) async throws -> OrderAuditRow?
}
