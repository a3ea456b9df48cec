package import OrdersApplication
package import OrdersDomain
import Postgres
import SharedKernel

/// Pages and counts. Every page is read from the end of an index that has its rows side by side, so
/// that what a page costs grows with the page alone.
extension PostgresOrderRepository {
    package func list(_ query: OrderQuery) async throws -> [Order] {
        try await pool.execute(Self.page(query), retry: .idempotent).map(Order.init(row:))
    }

    /// The statement of a page. Ids ascend with the moments of acceptance, so a span of time is a
    /// span of ids.
    static func page(_ query: OrderQuery) -> Statement {
        let least = query.createdFrom.map(OrderID.init(notBefore:))
        let bounds = [query.before, query.createdUntil.map(OrderID.init(notBefore:))]
        let from = least?.description ?? "00000000-0000-0000-0000-000000000000"
        let before =
            bounds.compactMap(\.self).min()?.description ?? "ffffffff-ffff-ffff-ffff-ffffffffffff"
        return switch (query.userID?.text, query.status) {
        case (nil, nil): all(from, before, query.limit)
        case (nil, .pending): pending(from, before, query.limit)
        case (nil, let status?): settled(status, from, before, query.limit)
        case (let user?, nil): all(of: user, from, before, query.limit)
        case (let user?, .pending): pending(of: user, from, before, query.limit)
        case (let user?, let status?): settled(status, of: user, from, before, query.limit)
        }
    }

    private static func all(_ from: String, _ before: String, _ limit: Int) -> Statement {
        Statement(
            """
            SELECT order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint
            FROM orders
            WHERE order_id >= $1::uuid AND order_id < $2::uuid
            ORDER BY order_id DESC LIMIT $3::bigint
            """, from, before, limit)
    }

    /// OFFSET 0 keeps the planner from joining the tables before it has cut the page.
    private static func pending(_ from: String, _ before: String, _ limit: Int) -> Statement {
        Statement(
            """
            SELECT stored.order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint
            FROM (
                SELECT order_id FROM pending_orders
                WHERE order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint
            ) AS page CROSS JOIN LATERAL (
                SELECT * FROM orders WHERE orders.order_id = page.order_id OFFSET 0
            ) AS stored
            ORDER BY page.order_id DESC
            """, from, before, limit)
    }

    private static func settled(
        _ status: OrderStatus, _ from: String, _ before: String, _ limit: Int
    ) -> Statement {
        Statement(
            """
            SELECT stored.order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint
            FROM (
                SELECT order_id FROM order_history
                WHERE status = $4 AND order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint
            ) AS page CROSS JOIN LATERAL (
                SELECT * FROM orders WHERE orders.order_id = page.order_id OFFSET 0
            ) AS stored
            ORDER BY page.order_id DESC
            """, from, before, limit, status.rawValue)
    }

    /// Three indexes' ends, merged: an order is in one of them.
    private static func all(
        of user: String, _ from: String, _ before: String, _ limit: Int
    ) -> Statement {
        Statement(
            """
            SELECT stored.order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint
            FROM (
                (SELECT order_id FROM pending_orders
                WHERE user_id = $4 AND order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint)
                UNION ALL
                (SELECT order_id FROM order_history
                WHERE user_id = $4 AND status = 'PAID'
                    AND order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint)
                UNION ALL
                (SELECT order_id FROM order_history
                WHERE user_id = $4 AND status = 'FAILED'
                    AND order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint)
                ORDER BY order_id DESC LIMIT $3::bigint
            ) AS page CROSS JOIN LATERAL (
                SELECT * FROM orders WHERE orders.order_id = page.order_id OFFSET 0
            ) AS stored
            ORDER BY page.order_id DESC
            """, from, before, limit, user)
    }

    private static func pending(
        of user: String, _ from: String, _ before: String, _ limit: Int
    ) -> Statement {
        Statement(
            """
            SELECT stored.order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint
            FROM (
                SELECT order_id FROM pending_orders
                WHERE user_id = $4 AND order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint
            ) AS page CROSS JOIN LATERAL (
                SELECT * FROM orders WHERE orders.order_id = page.order_id OFFSET 0
            ) AS stored
            ORDER BY page.order_id DESC
            """, from, before, limit, user)
    }

    private static func settled(
        _ status: OrderStatus, of user: String, _ from: String, _ before: String, _ limit: Int
    ) -> Statement {
        Statement(
            """
            SELECT stored.order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint
            FROM (
                SELECT order_id FROM order_history
                WHERE user_id = $4 AND status = $5
                    AND order_id >= $1::uuid AND order_id < $2::uuid
                ORDER BY order_id DESC LIMIT $3::bigint
            ) AS page CROSS JOIN LATERAL (
                SELECT * FROM orders WHERE orders.order_id = page.order_id OFFSET 0
            ) AS stored
            ORDER BY page.order_id DESC
            """, from, before, limit, user, status.rawValue)
    }

    package func summary() async throws -> OrderSummary {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT (sum(placed) - sum(paid) - sum(failed))::bigint,
                    sum(placed_amount) - sum(paid_amount) - sum(failed_amount),
                    sum(paid)::bigint, sum(paid_amount), sum(failed)::bigint, sum(failed_amount)
                FROM order_counts
                """), retry: .idempotent)
        guard let row = rows.first else { throw UnreadableRow(column: "order_counts") }
        func tally(_ column: Int) throws -> OrderSummary.Tally {
            guard let cents = Int128(try row.text(column + 1)) else {
                throw UnreadableRow(column: "amount")
            }
            return OrderSummary.Tally(
                count: try row.integer(column), amount: MoneyTotal(minorUnits: cents))
        }
        return OrderSummary(
            pending: try tally(0), paid: try tally(2), failed: try tally(4))
    }
}
