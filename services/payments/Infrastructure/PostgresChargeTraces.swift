package import PaymentsApplication
package import Postgres
package import SharedKernel

/// An order's life from rows that Payments writes anyway: tracing costs an order some bytes of
/// them.
package struct PostgresChargeTraces: ChargeTraces {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the payments database.
    package init(pool: PostgresPool) { self.pool = pool }

    package func trace(of order: OrderID) async throws -> ChargeTrace {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT (extract(epoch FROM received_at) * 1000000)::bigint, repeats,
                    (extract(epoch FROM repeated_at) * 1000000)::bigint,
                    user_id, outcomes.amount, is_paid, reason,
                    (extract(epoch FROM decided_at) * 1000000)::bigint, transfer_id, attempts,
                    decided_by, published_by, (extract(epoch FROM published_at) * 1000000)::bigint
                FROM (SELECT $1::uuid AS order_id) AS wanted
                LEFT JOIN inbox ON inbox.message_id = wanted.order_id
                LEFT JOIN outcomes USING (order_id)
                LEFT JOIN transfers USING (order_id)
                LEFT JOIN outbox ON outbox.message_id = outcomes.message_id
                LIMIT 1
                """, order.description), retry: .idempotent)
        let parked = try await parked(order)
        guard let row = rows.first else {
            return ChargeTrace(receipt: nil, decision: nil, parked: parked)
        }
        let receipt = try Self.moment(row, 0).map { moment in
            ChargeTrace.Receipt(
                at: moment, repeats: Int(try row.bigintOrNil(1) ?? 0),
                repeatedAt: try Self.moment(row, 2))
        }
        return ChargeTrace(receipt: receipt, decision: try decision(order, row), parked: parked)
    }

    private static func moment(_ row: PostgresRow, _ column: Int) throws -> Timestamp? {
        try row.bigintOrNil(column).map { Timestamp(microseconds: $0) }
    }

    private func decision(
        _ order: OrderID, _ row: PostgresRow
    ) throws -> ChargeTrace.Decision? {
        guard let user = try row.textOrNil(3) else { return nil }
        let reason = try row.textOrNil(6).flatMap(FailureReason.init(rawValue:))
        return ChargeTrace.Decision(
            outcome: PaymentOutcome(
                orderID: order, userID: try UserID(user),
                amount: try Amount(Money(minorUnits: try row.bigint(4))),
                verdict: try row.boolean(5) ? .paid : .failed(reason)),
            at: Timestamp(microseconds: try row.bigint(7)),
            decidedBy: try row.textOrNil(10).flatMap { InstanceName($0) },
            publication: Publication(
                instance: try row.textOrNil(11).flatMap { InstanceName($0) },
                moment: try Self.moment(row, 12)),
            transfer: try row.textOrNil(8), refusals: try row.bigintOrNil(9).map { Int($0) })
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
