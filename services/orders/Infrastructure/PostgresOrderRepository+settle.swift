import Failpoint
package import OrdersApplication
package import OrdersDomain
import Postgres
package import SharedKernel

extension PostgresOrderRepository {
    package func settle<Decision: Sendable>(
        _ requests: [SettleRequest],
        _ decide: @escaping @Sendable (PaymentOutcome, inout Order?) -> Decision
    ) async throws -> [Decision] {
        try await pool.transaction(retry: .idempotent) { transaction in
            let stored = try Self.lock(requests.map(\.outcome.orderID), in: transaction)
            var orders = stored
            var sent: [OrderID: Publication] = [:]
            let decisions = requests.map { request in
                let id = request.outcome.orderID
                let status = orders[id]?.status
                let decision = decide(request.outcome, &orders[id])
                if orders[id]?.status != status { sent[id] = request.publication }
                return decision
            }
            let changed = orders.values.filter { $0 != stored[$0.id] }.sorted { $0.id < $1.id }
            failpoint("consumer.before-commit")
            try transaction.commit(together: changed.isEmpty ? [] : [endings(changed, by: sent)])
            return decisions
        }
    }

    /// Locks in the order of ids: two consumers that share orders queue up and do not deadlock.
    private static func lock(
        _ ids: [OrderID], in transaction: PostgresTransaction
    ) throws -> [OrderID: Order] {
        let rows = try transaction.execute(
            Statement(
                """
                SELECT order_id, user_id, amount, description, status, failure_reason,
                    (extract(epoch FROM created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint
                FROM orders WHERE order_id = ANY ($1::uuid[])
                ORDER BY order_id FOR NO KEY UPDATE
                """, ids.map(\.description)))
        let orders = try rows.map(Order.init(row:))
        return Dictionary(uniqueKeysWithValues: orders.map { ($0.id, $0) })
    }

    /// The guard on PENDING repeats in the database what the domain decided: an end is final,
    /// whoever writes. It is written as a CASE because the planner must not guess from it: where
    /// nearly every order has ended it would expect one row, and go through all changes for each
    /// row that it finds. History never runs backwards, whatever the clocks of Orders and its
    /// database say.
    private func endings(
        _ orders: [Order], by messages: [OrderID: Publication]
    ) -> Statement {
        Statement(
            """
            WITH settled AS (
                UPDATE orders
                SET status = change.status, failure_reason = change.reason,
                    updated_at = greatest(statement_timestamp(), created_at)
                FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[])
                    AS change (order_id, status, reason, published_by, published_at)
                WHERE orders.order_id = change.order_id
                    AND CASE orders.status WHEN 'PENDING' THEN true ELSE false END
                    AND orders.order_id = ANY ($1::uuid[])
                RETURNING orders.order_id, user_id, amount, orders.status, failure_reason,
                    updated_at, change.published_by, change.published_at
            ), closed AS (
                DELETE FROM pending_orders WHERE order_id = ANY ($1::uuid[])
                RETURNING order_id, announcements
            ), counted AS (
                UPDATE order_counts SET
                    paid = paid + more.paid_orders, failed = failed + more.failed_orders,
                    paid_amount = paid_amount + coalesce(more.paid_sum, 0),
                    failed_amount = failed_amount + coalesce(more.failed_sum, 0)
                FROM (SELECT count(*) FILTER (WHERE status = 'PAID') AS paid_orders,
                        count(*) FILTER (WHERE status = 'FAILED') AS failed_orders,
                        sum(amount) FILTER (WHERE status = 'PAID') AS paid_sum,
                        sum(amount) FILTER (WHERE status = 'FAILED') AS failed_sum
                    FROM settled) AS more
                WHERE shard = pg_backend_pid() % 16
            )
            INSERT INTO order_history (order_id, user_id, status, reason, changed_at,
                published_by, published_at, settled_by, announcements)
            SELECT order_id, user_id, status, failure_reason, updated_at, published_by,
                timestamptz 'epoch' + published_at * interval '1 microsecond', $6,
                nullif(announcements, 1)
            FROM settled LEFT JOIN closed USING (order_id)
            """,
            orders.map(\.id.description), orders.map(\.status.rawValue),
            orders.map(\.failureReason?.rawValue),
            orders.map { messages[$0.id]?.instance?.description },
            orders.map { messages[$0.id]?.moment?.microseconds }, instance?.description)
    }
}
