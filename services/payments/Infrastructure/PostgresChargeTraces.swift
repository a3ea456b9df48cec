package import PaymentsApplication
package import Postgres
package import SharedKernel

/// An order's life from the rows that Payments has stored anyway: tracing costs an order nothing.
package struct PostgresChargeTraces: ChargeTraces {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the payments database.
    package init(pool: PostgresPool) { self.pool = pool }

    package func trace(of order: OrderID) async throws -> ChargeTrace {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT (SELECT (extract(epoch FROM received_at) * 1000000)::bigint
                        FROM inbox WHERE message_id = $1::uuid),
                    user_id, outcomes.amount, is_paid, reason,
                    (extract(epoch FROM decided_at) * 1000000)::bigint, transfer_id, attempts
                FROM (SELECT $1::uuid AS order_id) AS wanted
                LEFT JOIN outcomes USING (order_id)
                LEFT JOIN transfers USING (order_id)
                LEFT JOIN outbox ON outbox.message_id = outcomes.message_id
                LIMIT 1
                """, order.description), retry: .idempotent)
        let parked = try await parked(order)
        guard let row = rows.first else {
            return ChargeTrace(receivedAt: nil, decision: nil, parked: parked)
        }
        let receivedAt = try row.bigintOrNil(0).map { Timestamp(microseconds: $0) }
        return ChargeTrace(
            receivedAt: receivedAt, decision: try decision(order, row), parked: parked)
    }

    private func decision(
        _ order: OrderID, _ row: PostgresRow
    ) throws -> ChargeTrace.Decision? {
        guard let user = try row.textOrNil(1) else { return nil }
        let reason = try row.textOrNil(4).flatMap(FailureReason.init(rawValue:))
        return ChargeTrace.Decision(
            outcome: PaymentOutcome(
                orderID: order, userID: try UserID(user),
                amount: try Amount(Money(minorUnits: try row.bigint(2))),
                verdict: try row.boolean(3) ? .paid : .failed(reason)),
            at: Timestamp(microseconds: try row.bigint(5)), transfer: try row.textOrNil(6),
            refusals: try row.bigintOrNil(7).map { Int($0) })
    }

    private func parked(_ order: OrderID) async throws -> [ChargeTrace.Parked] {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT parked_id, (extract(epoch FROM parked_at) * 1000000)::bigint, reason
                FROM (SELECT * FROM parked_messages ORDER BY parked_id DESC LIMIT 10000) AS newest
                WHERE position($1::bytea IN body) > 0 ORDER BY parked_id LIMIT 100
                """, Array(order.description.utf8)), retry: .idempotent)
        return try rows.map { row in
            ChargeTrace.Parked(
                id: try row.bigint(0), at: Timestamp(microseconds: try row.bigint(1)),
                reason: try row.text(2))
        }
    }
}
