package import OrdersApplication
import OrdersDomain
package import Postgres
package import SharedKernel

/// An order's life from the rows that Orders has stored anyway: tracing costs an order nothing.
package struct PostgresOrderTraces: OrderTraces {
    private let pool: PostgresPool
    private let orders: PostgresOrderRepository

    /// - Parameters:
    ///   - pool: connections to the orders database.
    ///   - orders: the orders there.
    package init(pool: PostgresPool, orders: PostgresOrderRepository) {
        self.pool = pool
        self.orders = orders
    }

    package func trace(of order: OrderID) async throws -> OrderTrace? {
        guard let (found, changes) = try await orders.findWithHistory(order) else { return nil }
        let rows = try await pool.execute(
            Statement(
                """
                SELECT (SELECT attempts FROM outbox WHERE message_id = $1::uuid),
                    (SELECT announcements FROM pending_orders WHERE order_id = $1::uuid)
                """, order.description), retry: .idempotent)
        let parked = try await parked(order)
        let row = rows.first
        return OrderTrace(
            order: found, changes: changes, refusals: try row?.bigintOrNil(0).map { Int($0) },
            announcements: try row?.bigintOrNil(1).map { Int($0) }, parked: parked)
    }

    private func parked(_ order: OrderID) async throws -> [OrderTrace.Parked] {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT parked_id, (extract(epoch FROM parked_at) * 1000000)::bigint, reason
                FROM (SELECT * FROM parked_messages ORDER BY parked_id DESC LIMIT 10000) AS newest
                WHERE position($1::bytea IN body) > 0 ORDER BY parked_id LIMIT 100
                """, Array(order.description.utf8)), retry: .idempotent)
        return try rows.map { row in
            OrderTrace.Parked(
                id: try row.bigint(0), at: Timestamp(microseconds: try row.bigint(1)),
                reason: try row.text(2))
        }
    }
}
