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
            let locked = try Self.lock(requests.map(\.outcome.orderID), in: transaction)
            var orders = locked.mapValues(\.order)
            var sent: [OrderID: Publication] = [:]
            let decisions = requests.map { request in
                let id = request.outcome.orderID
                let status = orders[id]?.status
                let decision = decide(request.outcome, &orders[id])
                if orders[id]?.status != status { sent[id] = request.publication }
                return decision
            }
            let endings = locked.values.compactMap { locked -> Ending? in
                guard let order = orders[locked.order.id], order != locked.order else { return nil }
                return Ending(order: order, place: locked.place, publication: sent[order.id])
            }.sorted { $0.order.id < $1.order.id }
            failpoint("consumer.before-commit")
            try transaction.commit(
                together: endings.isEmpty ? [] : [Self.statement(of: endings, by: instance)])
            return decisions
        }
    }

    /// A stored order, locked, and where its row is.
    private struct Locked {
        let order: Order
        let place: String
    }

    /// An order that has reached its end.
    struct Ending {
        let order: Order
        /// The row's, as it was locked in this transaction: nobody can move it meanwhile.
        let place: String
        /// Who sent the outcome, and when.
        let publication: Publication?
    }

    /// Locks in the order of ids: two consumers that share orders queue up and do not deadlock.
    private static func lock(
        _ ids: [OrderID], in transaction: PostgresTransaction
    ) throws -> [OrderID: Locked] {
        let rows = try transaction.execute(
            Statement(
                """
                SELECT order_id, user_id, amount, description, status, failure_reason,
                    (extract(epoch FROM created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint, ctid
                FROM orders WHERE order_id = ANY ($1::uuid[])
                ORDER BY order_id FOR NO KEY UPDATE
                """, ids.map(\.description)))
        let orders = try rows.map { row in
            Locked(order: try Order(row: row), place: try row.text(8))
        }
        return Dictionary(uniqueKeysWithValues: orders.map { ($0.order.id, $0) })
    }

    /// The guard on PENDING repeats in the database what the domain decided: an end is final,
    /// whoever writes. History never runs backwards, whatever the clocks of Orders and its database
    /// say.
    ///
    /// A kept plan may be one from before the first order, which expects one row wherever it looks
    /// and would compare each change with each row. So the rows are reached by their places, to
    /// which there is one way only: the planner makes no join of a CASE. The few orders that were
    /// announced more than once are none either.
    static func statement(of endings: [Ending], by instance: InstanceName?) -> Statement {
        Statement(
            """
            WITH settled AS (
                UPDATE orders
                SET status = change.status, failure_reason = change.reason,
                    updated_at = greatest(statement_timestamp(), created_at)
                FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[],
                        $7::tid[])
                    AS change (order_id, status, reason, published_by, published_at, place)
                WHERE orders.ctid = change.place AND CASE orders.order_id
                    WHEN change.order_id THEN orders.status = 'PENDING' ELSE false END
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
                ((SELECT jsonb_object_agg(closed.order_id, announcements)
                    FROM closed WHERE announcements > 1) ->> order_id::text)::integer
            FROM settled
            """,
            endings.map(\.order.id.description), endings.map(\.order.status.rawValue),
            endings.map(\.order.failureReason?.rawValue),
            endings.map(\.publication?.instance?.description),
            endings.map(\.publication?.moment?.microseconds), instance?.description,
            endings.map(\.place))
    }
}
