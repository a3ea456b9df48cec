package import OrdersApplication
import OrdersDomain
package import Postgres
package import SharedKernel

/// An order's life from rows that Orders writes anyway: tracing costs an order some bytes of them.
package struct PostgresOrderTraces: OrderTraces {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the orders database.
    package init(pool: PostgresPool) { self.pool = pool }

    package func trace(of order: OrderID) async throws -> OrderTrace? {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT orders.order_id, orders.user_id, amount, description, orders.status,
                    failure_reason,
                    (extract(epoch FROM orders.created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint,
                    accepted_by, attempts,
                    coalesce(waiting.announcements, ending.announcements),
                    ending.status, ending.reason,
                    (extract(epoch FROM changed_at) * 1000000)::bigint,
                    published_by, (extract(epoch FROM published_at) * 1000000)::bigint, settled_by
                FROM orders
                LEFT JOIN outbox ON message_id = orders.order_id
                LEFT JOIN pending_orders AS waiting ON waiting.order_id = orders.order_id
                LEFT JOIN order_history AS ending ON ending.order_id = orders.order_id
                    AND ending.status IN ('PAID', 'FAILED')
                WHERE orders.order_id = $1::uuid ORDER BY changed_at
                """, order.description), retry: .idempotent)
        guard !rows.isEmpty else { return nil }
        return try Self.trace(rows, try await parked(order))
    }

    /// Not inlined, as in `PostgresOrderRepository`: Swift 6.3.1's optimizer may crash on it.
    @inline(never)
    private static func trace(
        _ rows: PostgresRows, _ parked: [OrderTrace.Parked]
    ) throws -> OrderTrace? {
        guard let row = rows.first else { return nil }
        return OrderTrace(
            order: try Order(row: row),
            acceptedBy: try row.textOrNil(8).flatMap { InstanceName($0) },
            endings: try rows.filter { try $0.textOrNil(11) != nil }.map(Self.ending),
            refusals: try row.bigintOrNil(9).map { Int($0) },
            announcements: try row.bigintOrNil(10).map { Int($0) }, parked: parked)
    }

    private static func ending(_ row: PostgresRow) throws -> OrderTrace.Ending {
        OrderTrace.Ending(
            change: OrderChange(
                status: try OrderStatus(row: row, 11),
                at: Timestamp(microseconds: try row.bigint(13)),
                reason: try row.textOrNil(12).flatMap(FailureReason.init(rawValue:))),
            publication: Publication(
                instance: try row.textOrNil(14).flatMap { InstanceName($0) },
                moment: try row.bigintOrNil(15).map { Timestamp(microseconds: $0) }),
            settledBy: try row.textOrNil(16).flatMap { InstanceName($0) })
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
