import Failpoint
import JSON
import MessagingLive
import OrdersApplication
import OrdersDomain
import Postgres
import SharedKernel

/// Commits orders together with their announcements and their keys.
enum OrderPlacement {
    /// What became of an order.
    enum Outcome: Sendable {
        /// It is stored: under its own id, or under that of an earlier one with the same claim.
        case stored(OrderID, createdAt: Timestamp)
        /// Its key stands for another request.
        case keyReused
        /// Another transaction holds its key; nothing was done.
        case keyIsBusy
    }

    /// Commits them, in one statement unless another process is just committing the same.
    ///
    /// - Parameter committed: called as soon as orders are committed.
    /// - Returns: what became of each, in order.
    static func commit(
        _ placements: [OrderAddition], by instance: InstanceName?, to pool: PostgresPool,
        committed: @escaping @Sendable () -> Void
    ) async throws -> [Outcome] {
        failpoint("door.before-work")
        var outcomes = try await commitOrFind(placements, by: instance, in: pool, committed)
        failpoint("door.after-commit")
        // What another transaction committed while this one ran is invisible to its branches: look
        // again.
        let missed = placements.filter { outcomes[$0.id.description] == nil }
        if !missed.isEmpty {
            let found = try await commitOrFind(missed, by: instance, in: pool, committed)
            outcomes.merge(found) { _, later in later }
        }
        return try placements.map { placement in
            if let outcome = outcomes[placement.id.description] { return outcome }
            guard placement.claim != nil else { throw StoredOrderIsMissing(id: placement.id) }
            return .keyIsBusy
        }
    }

    /// A batch without a key pays nothing for those that have one.
    private static func commitOrFind(
        _ placements: [OrderAddition], by instance: InstanceName?, in pool: PostgresPool,
        _ committed: @escaping @Sendable () -> Void
    ) async throws -> [String: Outcome] {
        let isPlain = placements.allSatisfy { $0.claim == nil }
        let rows = try await pool.execute(
            isPlain ? plain(placements, instance) : claimed(placements, instance),
            retry: .idempotent, committed: committed)
        var outcomes: [String: Outcome] = [:]
        for row in rows {
            guard let moment = try row.bigintOrNil(2), let id = OrderID(try row.text(1)) else {
                continue
            }
            let isSame = try row.textOrNil(3).map { $0 == "t" } ?? true
            outcomes[try row.text(0)] =
                isSame
                ? .stored(id, createdAt: Timestamp(microseconds: moment)) : .keyReused
        }
        return outcomes
    }
}

/// The database broke its word: an order that was committed is not there.
private struct StoredOrderIsMissing: Error {
    let id: OrderID
}

// MARK: Statements. Each gives: the order asked for, the order that stands for it, its moment, and
// whether its claim was for the same.

extension OrderPlacement {
    /// Orders, counts and outbox in one statement: either all of it is committed or nothing.
    ///
    /// The ids are the caller's, so running it again after an unknown outcome changes nothing; the
    /// second branch of the UNION finds the orders that an earlier run left, as the statement's own
    /// inserts are invisible to it.
    private static func plain(
        _ placements: [OrderAddition], _ instance: InstanceName?
    ) -> Statement {
        Statement(
            """
            WITH placed AS (
                INSERT INTO orders
                    (order_id, user_id, amount, description, created_at, updated_at, accepted_by)
                SELECT order_id, user_id, amount, description, accepted, accepted, $9
                FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $8::timestamptz[])
                    AS wanted (order_id, user_id, amount, description, accepted)
                ON CONFLICT (order_id) DO NOTHING
                RETURNING order_id, user_id, amount, created_at
            ), opened AS (
                INSERT INTO pending_orders (order_id, user_id)
                SELECT order_id, user_id FROM placed
            ), counted AS (
                UPDATE order_counts SET placed = placed + more.orders,
                    placed_amount = placed_amount + more.amount
                FROM (SELECT count(*) AS orders, sum(amount) AS amount FROM placed) AS more
                WHERE shard = pg_backend_pid() % 16 AND more.orders > 0
            ), announced AS (
                INSERT INTO outbox (message_id, type, payload, headers)
                SELECT order_id, $5, payload, headers
                FROM placed JOIN unnest($1::uuid[], $6::text[], $7::text[])
                    AS event (order_id, payload, headers) USING (order_id)
            )
            SELECT order_id, order_id, (extract(epoch FROM created_at) * 1000000)::bigint, NULL
            FROM (SELECT order_id, created_at FROM placed UNION ALL
                SELECT order_id, created_at FROM orders WHERE order_id = ANY ($1::uuid[])
            ) AS stored
            """,
            placements.map(\.id.description), placements.map(\.request.userID.text),
            placements.map(\.request.amount.money.minorUnits),
            placements.map(\.request.description.text), OrderCreated.type,
            placements.map(\.announcement), placements.map(\.headers),
            placements.map(\.acceptedAt), instance?.description)
    }

    /// The same with keys, for some of the orders or for all.
    ///
    /// A key is claimed before its order is placed, and the claim names the order that stands for
    /// it. Of two with one key in this batch, the second finds the first's claim; of two in two
    /// transactions, the second does not get the lock, and looks again.
    private static func claimed(
        _ placements: [OrderAddition], _ instance: InstanceName?
    ) -> Statement {
        Statement(
            """
            WITH wanted AS MATERIALIZED (
                SELECT *, sha256(convert_to(fingerprint, 'UTF8')) AS request_hash
                FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $6::text[],
                    $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[])
                    AS wanted (order_id, user_id, amount, description, payload, headers, key,
                        caller, fingerprint, accepted)
            ), claimed AS (
                INSERT INTO idempotency_keys (key, caller, request_hash, answer)
                SELECT key, caller, request_hash, order_id FROM wanted
                WHERE key IS NOT NULL AND pg_try_advisory_xact_lock(
                    hashtextextended(key, hashtextextended(caller, 0)))
                ON CONFLICT (key, caller) DO NOTHING
                RETURNING key, caller, request_hash, answer::uuid AS order_id
            ), known AS (
                TABLE claimed UNION ALL
                SELECT key, caller, request_hash, answer::uuid FROM idempotency_keys
                WHERE key = ANY ($8::text[])
            ), placed AS (
                INSERT INTO orders
                    (order_id, user_id, amount, description, created_at, updated_at, accepted_by)
                SELECT order_id, user_id, amount, description, accepted, accepted, $12 FROM wanted
                WHERE key IS NULL OR order_id IN (SELECT order_id FROM claimed)
                ON CONFLICT (order_id) DO NOTHING
                RETURNING order_id, user_id, amount, created_at
            ), opened AS (
                INSERT INTO pending_orders (order_id, user_id)
                SELECT order_id, user_id FROM placed
            ), counted AS (
                UPDATE order_counts SET placed = placed + more.orders,
                    placed_amount = placed_amount + more.amount
                FROM (SELECT count(*) AS orders, sum(amount) AS amount FROM placed) AS more
                WHERE shard = pg_backend_pid() % 16 AND more.orders > 0
            ), announced AS (
                INSERT INTO outbox (message_id, type, payload, headers)
                SELECT order_id, $5, payload, headers FROM placed JOIN wanted USING (order_id)
            ), answered AS (
                SELECT wanted.order_id, coalesce(known.order_id, wanted.order_id) AS stored_id,
                    known.request_hash = wanted.request_hash AS is_same
                FROM wanted LEFT JOIN known USING (key, caller)
            )
            SELECT order_id, stored_id,
                (extract(epoch FROM coalesce(
                    (SELECT created_at FROM placed WHERE placed.order_id = stored_id),
                    (SELECT created_at FROM orders WHERE orders.order_id = stored_id)
                )) * 1000000)::bigint, is_same
            FROM answered
            """,
            placements.map(\.id.description), placements.map(\.request.userID.text),
            placements.map(\.request.amount.money.minorUnits),
            placements.map(\.request.description.text), OrderCreated.type,
            placements.map(\.announcement), placements.map(\.headers),
            placements.map(\.claim?.key.text), placements.map(\.claim?.key.caller),
            placements.map(\.claim?.fingerprint.text), placements.map(\.acceptedAt),
            instance?.description)
    }

}

extension OrderAddition {
    fileprivate var announcement: String { Order.created(id, request).json.text }
    /// An order was accepted when its id was made: lists by time go by the id.
    fileprivate var acceptedAt: String { (id.moment ?? .now).description }
    fileprivate var headers: String { PostgresOutbox.encode(correlation.headers) }
}
