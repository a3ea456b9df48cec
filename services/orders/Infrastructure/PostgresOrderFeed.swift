package import OrdersApplication
import OrdersDomain
package import Postgres
import SharedKernel

/// The changes of orders, read from the transactions that made them.
///
/// Each order keeps the id of the transaction that created it, and each row of its history that of
/// the one that changed it. What changed since a cursor is what the cursor's snapshot does not see.
package struct PostgresOrderFeed: OrderFeed {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the orders database.
    package init(pool: PostgresPool) { self.pool = pool }

    package func end() async throws -> OrderCursor {
        let rows = try await pool.execute(
            Statement("SELECT pg_current_snapshot()::text"), retry: .idempotent)
        guard let row = rows.first else { throw UnreadableRow(column: "pg_current_snapshot") }
        return OrderCursor(try row.text(0))
    }

    package func changes(after cursor: OrderCursor, limit: Int) async throws -> OrderFeedPage {
        guard let position = FeedPosition(cursor: cursor.text) else { throw UnknownOrderCursor() }
        let rows = try await pool.execute(
            Self.statement(position, limit: limit + 1), retry: .idempotent)
        guard let first = rows.first, let upTo = FeedSnapshot(try first.text(8)),
            let now = FeedSnapshot(try first.text(9))
        else { throw UnreadableRow(column: "pg_snapshot") }
        // Transaction ids only grow: a cursor ahead of them was given by another database.
        guard position.seen.end <= now.end, upTo.end <= now.end else { throw UnknownOrderCursor() }
        let changes = try rows.filter { try $0.textOrNil(10) != nil }
        let page = changes.prefix(limit)
        var next = FeedPosition(seen: upTo)
        if changes.count > limit, let last = page.last, let transaction = UInt64(try last.text(10))
        {
            next = FeedPosition(
                seen: position.seen,
                window: .init(upTo: upTo, transaction: transaction, order: try last.text(0)))
        }
        return OrderFeedPage(
            orders: Self.eachOnce(try page.map(Order.init(row:))),
            next: OrderCursor(next.cursor), hasMore: changes.count > limit)
    }

    /// An order that was created and settled within a page stands where it was settled.
    private static func eachOnce(_ orders: [Order]) -> [Order] {
        var known: Set<OrderID> = []
        return orders.reversed().filter { known.insert($0.id).inserted }.reversed()
    }

    /// One statement, so that the rows and the snapshot that bounds them are of one moment. Where
    /// nothing changed it gives one row, which holds the snapshot alone.
    private static func statement(_ position: FeedPosition, limit: Int) -> Statement {
        let start = max(position.seen.oldest, position.window?.transaction ?? 0)
        return Statement(
            """
            WITH bound AS MATERIALIZED (
                SELECT coalesce($2::pg_snapshot, pg_current_snapshot()) AS up_to
            ), changed AS (
                (SELECT created_in AS xid, order_id FROM orders, bound
                WHERE created_in >= $3::xid8 AND created_in < pg_snapshot_xmax(up_to)
                    AND NOT pg_visible_in_snapshot(created_in, $1::pg_snapshot)
                    AND pg_visible_in_snapshot(created_in, up_to)
                    AND (created_in, order_id) > ($4::xid8, $5::uuid)
                ORDER BY created_in, order_id LIMIT $6::bigint)
                UNION ALL
                (SELECT changed_in, order_id FROM order_history, bound
                WHERE changed_in >= $3::xid8 AND changed_in < pg_snapshot_xmax(up_to)
                    AND NOT pg_visible_in_snapshot(changed_in, $1::pg_snapshot)
                    AND pg_visible_in_snapshot(changed_in, up_to)
                    AND (changed_in, order_id) > ($4::xid8, $5::uuid)
                ORDER BY changed_in, order_id LIMIT $6::bigint)
            ), page AS (
                SELECT xid, order_id FROM changed ORDER BY xid, order_id LIMIT $6::bigint
            )
            SELECT order_id, user_id, amount, description, status, failure_reason,
                (extract(epoch FROM created_at) * 1000000)::bigint,
                (extract(epoch FROM updated_at) * 1000000)::bigint,
                up_to::text, pg_current_snapshot()::text, xid::text
            FROM bound LEFT JOIN (page JOIN orders USING (order_id)) ON true
            ORDER BY page.xid, page.order_id
            """,
            position.seen.text, position.window?.upTo.text, "\(start)",
            "\(position.window?.transaction ?? 0)",
            position.window?.order ?? "00000000-0000-0000-0000-000000000000", limit)
    }
}
