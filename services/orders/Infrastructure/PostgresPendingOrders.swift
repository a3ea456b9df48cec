import JSON
package import Messaging
import MessagingLive
package import OrdersApplication
import OrdersDomain
package import Postgres
import SharedKernel

/// The orders that wait for their end, in PostgreSQL. Any number of instances may sweep at once.
package struct PostgresPendingOrders: PendingOrders {
    private let pool: PostgresPool
    private let outboxFilled: WakeSignal

    /// - Parameters:
    ///   - pool: connections to the orders database.
    ///   - outboxFilled: rung after each commit that left a message in the outbox.
    package init(pool: PostgresPool, outboxFilled: WakeSignal) {
        self.pool = pool
        self.outboxFilled = outboxFilled
    }

    package func announceAgain(
        _ sweep: PendingSweep, after patience: Duration,
        _ wait: @escaping @Sendable (_ announcements: Int) -> Duration
    ) async throws -> PendingSweepResult {
        let result = try await pool.transaction(retry: .idempotent) { transaction in
            let seen = try Self.look(sweep, patience, in: transaction)
            let due = seen.filter(\.isDue).prefix(sweep.announceLimit)
            let taken = try Self.lock(due.map(\.id), patience, in: transaction)
            try Self.putOff(
                taken.map { ($0.id, wait($0.announcements + 1) - patience) }, in: transaction)
            try transaction.execute(PostgresOutbox.addition(of: taken.map(\.message)))
            let isCut = due.count == sweep.announceLimit
            let next = isCut ? due.last?.id : seen.count < sweep.lookLimit ? nil : seen.last?.id
            return PendingSweepResult(announced: taken.map(\.id), next: next)
        }
        if !result.announced.isEmpty { outboxFilled.ring() }
        return result
    }

    private static func look(
        _ sweep: PendingSweep, _ patience: Duration, in transaction: PostgresTransaction
    ) throws -> [(id: OrderID, isDue: Bool)] {
        try transaction.execute(
            Statement(
                """
                SELECT order_id, waits_from <=
                        statement_timestamp() - $3::bigint * interval '1 microsecond'
                    AND NOT EXISTS (SELECT FROM outbox WHERE message_id = order_id)
                FROM pending_orders WHERE order_id > $1::uuid
                ORDER BY order_id LIMIT $2::bigint
                """, sweep.after?.description ?? "00000000-0000-0000-0000-000000000000",
                sweep.lookLimit, patience.microseconds)
        ).compactMap { row in
            guard let id = OrderID(try row.text(0)) else { return nil }
            return (id, try row.boolean(1))
        }
    }

    /// An order to announce again.
    private struct Taken {
        let id: OrderID
        let announcements: Int
        let message: OutboxMessage
    }

    /// Looks again under the lock: another instance may have announced some meanwhile, and others
    /// may have reached their end.
    private static func lock(
        _ ids: [OrderID], _ patience: Duration, in transaction: PostgresTransaction
    ) throws -> [Taken] {
        guard !ids.isEmpty else { return [] }
        return try transaction.execute(
            Statement(
                """
                SELECT order_id, orders.user_id, amount, description, status, failure_reason,
                    (extract(epoch FROM created_at) * 1000000)::bigint,
                    (extract(epoch FROM updated_at) * 1000000)::bigint, announcements
                FROM pending_orders JOIN orders USING (order_id)
                WHERE order_id = ANY ($1::uuid[]) AND waits_from <=
                    statement_timestamp() - $2::bigint * interval '1 microsecond'
                ORDER BY order_id FOR NO KEY UPDATE OF pending_orders SKIP LOCKED
                """, ids.map(\.description), patience.microseconds)
        ).map { row in
            let order = try Order(row: row)
            return Taken(
                id: order.id, announcements: try row.integer(8),
                message: OutboxMessage(
                    id: MessageID(announcing: order.id), type: OrderCreated.type,
                    payload: Order.created(order.id, order.request).json.encoded, headers: [:],
                    createdAt: .now, attempts: 0))
        }
    }

    private static func putOff(
        _ orders: [(OrderID, Duration)], in transaction: PostgresTransaction
    ) throws {
        guard !orders.isEmpty else { return }
        _ = try transaction.execute(
            Statement(
                """
                UPDATE pending_orders SET announcements = announcements + 1,
                    waits_from = statement_timestamp()
                        + delay.microseconds * interval '1 microsecond'
                FROM unnest($1::uuid[], $2::bigint[]) AS delay (order_id, microseconds)
                WHERE pending_orders.order_id = delay.order_id
                """, orders.map(\.0.description), orders.map(\.1.microseconds)))
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
