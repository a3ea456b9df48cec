package import Postgres
package import SharedKernel

/// The messages that were handled before, so that a repeat is known for one.
///
/// It refuses repeats of a message; that an order is never charged twice, whatever its messages'
/// ids, is the outcomes' primary key.
package enum PostgresInbox {
    /// The table.
    package static let schema = """
        CREATE TABLE inbox (
            message_id uuid PRIMARY KEY,
            received_at timestamptz NOT NULL DEFAULT statement_timestamp()
        );

        -- Rows come in order of time: a few bytes for each megabyte of the table find the old ones.
        CREATE INDEX inbox_by_age ON inbox USING brin (received_at);
        """

    /// How long a message is remembered. A repeat that comes later is still refused by its order.
    package static let retention: Duration = .seconds(7 * 24 * 3_600)

    /// Records the messages in the caller's transaction. Where another transaction is recording one
    /// of them, this waits for its end.
    ///
    /// - Returns: those that were not known yet.
    package static func admit(
        _ ids: Set<MessageID>, in transaction: PostgresTransaction
    ) throws -> Set<MessageID> {
        let rows = try transaction.execute(
            Statement(
                """
                INSERT INTO inbox (message_id) SELECT * FROM unnest($1::uuid[])
                ON CONFLICT (message_id) DO NOTHING RETURNING message_id
                """, ids.sorted().map(\.description)))
        return Set(try rows.compactMap { MessageID(try $0.text(0)) })
    }

    /// Forgets messages older than the retention, a bounded number at a time.
    ///
    /// - Returns: how many were forgotten.
    package static func prune(_ pool: PostgresPool, olderThan age: Duration) async throws -> Int {
        try await pool.execute(
            Statement(
                """
                DELETE FROM inbox WHERE message_id IN (
                    SELECT message_id FROM inbox
                    WHERE received_at < statement_timestamp() - $1::bigint * interval '1 second'
                    LIMIT 10000)
                """, age.components.seconds), retry: .idempotent
        ).affected
    }
}
