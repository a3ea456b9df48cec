package import OrdersApplication
import OrdersDomain
package import Postgres
package import SharedKernel

/// The orders as an auditor reads them: each page is one statement, so of one moment.
package struct PostgresOrderAudit: OrderAudit {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the orders database.
    package init(pool: PostgresPool) { self.pool = pool }

    package func auditRows(before: OrderID?, limit: Int) async throws -> [OrderAuditRow] {
        try await pool.execute(
            Statement(
                """
                SELECT order_id, user_id, amount, status,
                    EXISTS (SELECT FROM order_history AS change
                        WHERE change.status = 'PAID' AND change.order_id = page.order_id),
                    EXISTS (SELECT FROM order_history AS change
                        WHERE change.status = 'FAILED' AND change.order_id = page.order_id),
                    EXISTS (SELECT FROM pending_orders AS pending
                        WHERE pending.order_id = page.order_id)
                FROM (
                    SELECT order_id, user_id, amount, status FROM orders
                    WHERE order_id < $1::uuid ORDER BY order_id DESC LIMIT $2::bigint
                ) AS page ORDER BY order_id DESC
                """, before?.description ?? "ffffffff-ffff-ffff-ffff-ffffffffffff", limit),
            retry: .idempotent
        ).map(OrderAuditRow.init(row:))
    }

    package func auditRow(of order: OrderID) async throws -> OrderAuditRow? {
        try await pool.execute(
            Statement(
                """
                SELECT order_id, user_id, amount, status,
                    EXISTS (SELECT FROM order_history AS change
                        WHERE change.status = 'PAID' AND change.order_id = orders.order_id),
                    EXISTS (SELECT FROM order_history AS change
                        WHERE change.status = 'FAILED' AND change.order_id = orders.order_id),
                    EXISTS (SELECT FROM pending_orders AS pending
                        WHERE pending.order_id = orders.order_id)
                FROM orders WHERE order_id = $1::uuid
                """, order.description), retry: .idempotent
        ).first.map(OrderAuditRow.init(row:))
    }
}

extension OrderAuditRow {
    fileprivate init(row: PostgresRow) throws {
        guard let id = OrderID(try row.text(0)) else { throw UnreadableRow(column: "order_id") }
        let ends: [OrderStatus] =
            (try row.boolean(4) ? [.paid] : []) + (try row.boolean(5) ? [.failed] : [])
        self.init(
            id: id, userID: try row.text(1), amount: Money(minorUnits: try row.bigint(2)),
            status: try OrderStatus(row: row, 3), ends: ends, isAwaited: try row.boolean(6))
    }
}
