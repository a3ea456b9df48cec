import Idempotency
package import Messaging
package import OrdersApplication
package import OrdersDomain
package import Postgres
package import SharedKernel

/// Orders in PostgreSQL. Orders that are placed at the same time share one statement, one round
/// trip and one fsync.
package struct PostgresOrderRepository: OrderRepository {
    let pool: PostgresPool
    let instance: InstanceName?
    private let placements: GroupCommit<OrderAddition, OrderPlacement.Outcome>

    /// - Parameters:
    ///   - pool: connections to the orders database.
    ///   - outboxFilled: rung after each commit that left a message in the outbox.
    ///   - instance: this process, which each order's acceptance and end name; nil where none does.
    package init(
        pool: PostgresPool, outboxFilled: WakeSignal, instance: InstanceName? = nil
    ) {
        self.pool = pool
        self.instance = instance
        placements = GroupCommit(
            maxBatch: OrderAddition.togetherLimit, expectedWaitLimit: pool.expectedWaitLimit
        ) { additions in
            try await OrderPlacement.commit(
                additions, by: instance, to: pool, committed: outboxFilled.ring)
        }
    }

    package func add(
        _ additions: [OrderAddition]
    ) async -> [Result<Idempotent<Order>, any Error>] {
        var answers = await tried(additions)
        var busy = answers.indices.filter { answers[$0].isBusy }
        guard !busy.isEmpty else { return answers }
        // Those who came with a busy one are committed already, and wait along for their answer.
        try? await KeyWait.whileBusy {
            for (place, answer) in zip(busy, await tried(busy.map { additions[$0] })) {
                answers[place] = answer
            }
            busy = busy.filter { answers[$0].isBusy }
            guard busy.isEmpty else { throw IdempotencyKeyIsBusy() }
        }
        return answers
    }

    private func tried(
        _ additions: [OrderAddition]
    ) async -> [Result<Idempotent<Order>, any Error>] {
        let outcomes = await placements.submit(together: additions)
        return zip(additions, outcomes).map { addition, outcome in
            outcome.flatMap { outcome in
                switch outcome {
                case .stored(let stored, let createdAt):
                    let order = Order(
                        id: stored, request: addition.request, createdAt: createdAt,
                        updatedAt: createdAt)
                    return .success(stored == addition.id ? .first(order) : .replayed(order))
                case .keyReused: return .success(.keyReused)
                case .keyIsBusy: return .failure(IdempotencyKeyIsBusy())
                }
            }
        }
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
                SELECT orders.order_id, orders.user_id, amount, description, orders.status,
                    failure_reason,
                    (extract(epoch FROM created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint,
                    change.status, change.reason,
                    (extract(epoch FROM changed_at) * 1000000)::bigint
                FROM orders LEFT JOIN order_history AS change
                    ON change.order_id = orders.order_id AND change.status IN ('PAID', 'FAILED')
                WHERE orders.order_id = $1::uuid ORDER BY changed_at
                """, id.description), retry: .idempotent)
        return try Self.orderWithHistory(rows)
    }

    /// Apart from the query, and not inlined there: Swift 6.3.1's optimizer crashes on both in one
    /// coroutine ("splitting coroutine", in release builds).
    @inline(never)
    private static func orderWithHistory(
        _ rows: PostgresRows
    ) throws -> (Order, [OrderChange])? {
        guard let order = try rows.first.map(Order.init(row:)) else { return nil }
        let changes = try rows.filter { try $0.textOrNil(8) != nil }.map { row in
            OrderChange(
                status: try OrderStatus(row: row, 8),
                at: Timestamp(microseconds: try row.bigint(10)),
                reason: try row.textOrNil(9).flatMap(FailureReason.init(rawValue:)))
        }
        return (order, [OrderChange(status: .pending, at: order.createdAt)] + changes)
    }
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

extension Result {
    fileprivate var isBusy: Bool {
        guard case .failure(let error) = self else { return false }
        return error is IdempotencyKeyIsBusy
    }
}

/// A row that no version of this service has written.
struct UnreadableRow: Error {
    let column: String
}
