import JSON
package import Messaging
import MessagingLive
package import OrdersApplication
package import OrdersDomain
package import Postgres
package import SharedKernel

/// Orders in PostgreSQL. Orders that are placed at the same time share one statement, one round
/// trip and one fsync.
package struct PostgresOrderRepository: OrderRepository {
    let pool: PostgresPool
    private let placements: GroupCommit<Placement, Timestamp>

    /// An order to be committed together with its announcement.
    private struct Placement: Sendable {
        let id: OrderID
        let request: OrderRequest
        let correlation: Correlation
    }

    /// - Parameters:
    ///   - pool: connections to the orders database.
    ///   - outboxFilled: rung after each commit that left a message in the outbox.
    package init(pool: PostgresPool, outboxFilled: WakeSignal) {
        self.pool = pool
        placements = GroupCommit { placements in
            let moments = try await Self.insert(placements, into: pool)
            outboxFilled.ring()
            return moments
        }
    }

    package func add(
        _ request: OrderRequest, as id: OrderID, correlation: Correlation
    ) async throws -> Order {
        let createdAt = try await placements.submit(
            Placement(id: id, request: request, correlation: correlation))
        return Order(id: id, request: request, createdAt: createdAt, updatedAt: createdAt)
    }

    private static func insert(
        _ placements: [Placement], into pool: PostgresPool
    ) async throws -> [Timestamp] {
        var moments = try await insertOrFind(placements, in: pool)
        // What an earlier run committed while this one waited for it is invisible to both branches:
        // look again.
        let missed = placements.filter { moments[$0.id.description] == nil }
        if !missed.isEmpty {
            moments.merge(try await insertOrFind(missed, in: pool)) { _, later in later }
        }
        return try placements.map { placement in
            guard let moment = moments[placement.id.description] else {
                throw StoredOrderIsMissing(id: placement.id)
            }
            return moment
        }
    }

    /// Orders and outbox in one statement: either all of it is committed or nothing.
    ///
    /// The ids are the caller's, so running it again after an unknown outcome changes nothing; the
    /// second branch of the UNION finds the orders that an earlier run left, as the statement's own
    /// inserts are invisible to it.
    private static func insertOrFind(
        _ placements: [Placement], in pool: PostgresPool
    ) async throws -> [String: Timestamp] {
        let rows = try await pool.execute(
            Statement(
                """
                WITH placed AS (
                    INSERT INTO orders (order_id, user_id, amount, description)
                    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])
                    ON CONFLICT (order_id) DO NOTHING
                    RETURNING order_id, created_at
                ), announced AS (
                    INSERT INTO outbox (message_id, type, payload, headers)
                    SELECT order_id, $5, payload, headers
                    FROM placed JOIN unnest($1::uuid[], $6::text[], $7::text[])
                        AS event (order_id, payload, headers) USING (order_id)
                )
                SELECT order_id, (extract(epoch FROM created_at) * 1000000)::bigint
                FROM (TABLE placed UNION ALL
                    SELECT order_id, created_at FROM orders WHERE order_id = ANY ($1::uuid[])
                ) AS stored
                """,
                placements.map(\.id.description), placements.map(\.request.userID.text),
                placements.map(\.request.amount.money.minorUnits),
                placements.map(\.request.description.text), OrderCreated.type,
                placements.map { Order.created($0.id, $0.request).json.text },
                placements.map { PostgresOutbox.encode($0.correlation.headers) }),
            retry: .idempotent)
        var moments: [String: Timestamp] = [:]
        for row in rows {
            moments[try row.text(0)] = Timestamp(microseconds: try row.bigint(1))
        }
        return moments
    }

    package func find(_ id: OrderID) async throws -> Order? {
        try await pool.execute(
            Statement(
                """
                SELECT order_id, user_id, amount, description, status, failure_reason,
                    (extract(epoch FROM created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint
                FROM orders WHERE order_id = $1::uuid
                """, id.description), retry: .idempotent
        ).first.map(Order.init(row:))
    }

    /// One statement, so one snapshot: a PENDING order never comes with the history of its end.
    package func findWithHistory(_ id: OrderID) async throws -> (Order, [OrderChange])? {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT orders.order_id, user_id, amount, description, orders.status, failure_reason,
                    (extract(epoch FROM created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint,
                    change.status, change.reason,
                    (extract(epoch FROM changed_at) * 1000000)::bigint
                FROM orders LEFT JOIN order_history AS change USING (order_id)
                WHERE order_id = $1::uuid ORDER BY changed_at
                """, id.description), retry: .idempotent)
        guard let order = try rows.first.map(Order.init(row:)) else { return nil }
        let changes = try rows.filter { try $0.textOrNil(8) != nil }.map { row in
            OrderChange(
                status: try OrderStatus(row: row, 8),
                at: Timestamp(microseconds: try row.bigint(10)),
                reason: try row.textOrNil(9).flatMap(FailureReason.init(rawValue:)))
        }
        return (order, [OrderChange(status: .pending, at: order.createdAt)] + changes)
    }

    package func list(_ query: OrderQuery) async throws -> [Order] {
        let statuses = query.status.map { [$0.rawValue] } ?? OrderStatus.allCases.map(\.rawValue)
        let before = query.before?.description ?? "ffffffff-ffff-ffff-ffff-ffffffffffff"
        let statement =
            if let userID = query.userID {
                Statement(
                    """
                    SELECT order_id, user_id, amount, description, status, failure_reason,
                        (extract(epoch FROM created_at) * 1000000)::bigint,
                        (extract(epoch FROM updated_at) * 1000000)::bigint
                    FROM orders
                    WHERE user_id = $4 AND order_id < $1::uuid AND status = ANY ($2::text[])
                    ORDER BY order_id DESC LIMIT $3::bigint
                    """, before, statuses, query.limit, userID.text)
            } else {
                Statement(
                    """
                    SELECT order_id, user_id, amount, description, status, failure_reason,
                        (extract(epoch FROM created_at) * 1000000)::bigint,
                        (extract(epoch FROM updated_at) * 1000000)::bigint
                    FROM orders
                    WHERE order_id < $1::uuid AND status = ANY ($2::text[])
                    ORDER BY order_id DESC LIMIT $3::bigint
                    """, before, statuses, query.limit)
            }
        return try await pool.execute(statement, retry: .idempotent).map(Order.init(row:))
    }
}

/// The database broke its word: an order that was committed is not there.
private struct StoredOrderIsMissing: Error {
    let id: OrderID
}

extension Order {
    /// Reads the eight columns of a stored order.
    init(row: PostgresRow) throws {
        guard let id = OrderID(try row.text(0)) else { throw UnreadableRow(column: "order_id") }
        self.init(
            id: id,
            request: OrderRequest(
                userID: try UserID(try row.text(1)),
                amount: try Amount(Money(minorUnits: try row.bigint(2))),
                description: try OrderDescription(try row.text(3))),
            status: try OrderStatus(row: row, 4),
            failureReason: try row.textOrNil(5).flatMap(FailureReason.init(rawValue:)),
            createdAt: Timestamp(microseconds: try row.bigint(6)),
            updatedAt: Timestamp(microseconds: try row.bigint(7)))
    }
}

extension OrderStatus {
    init(row: PostgresRow, _ column: Int) throws {
        guard let status = OrderStatus(rawValue: try row.text(column)) else {
            throw UnreadableRow(column: "status")
        }
        self = status
    }
}

/// A row that no version of this service has written.
struct UnreadableRow: Error {
    let column: String
}
