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

    /// What is known of repeats: how often the message came again, and when it last did. Null where
    /// it never did, which costs a row nothing.
    package static let schemaOfRepeats = """
        ALTER TABLE inbox ADD COLUMN repeats integer, ADD COLUMN repeated_at timestamptz;
        """

    /// How long a message is remembered. A repeat that comes later is still refused by its order.
    package static let retention: Duration = .seconds(7 * 24 * 3_600)

    /// Records the messages, and of those that were known, that they came again. Where another
    /// transaction is recording one of them, this waits for its end.
    ///
    /// ``admitted(_:)`` reads what it gives.
    package static func admission(of ids: Set<MessageID>) -> Statement {
        Statement(
            """
            INSERT INTO inbox (message_id) SELECT * FROM unnest($1::uuid[])
            ON CONFLICT (message_id) DO UPDATE SET
                repeats = coalesce(inbox.repeats, 0) + 1,
                repeated_at = statement_timestamp()
            RETURNING message_id, repeats
            """, ids.sorted().map(\.description))
    }

    /// Which of the messages of an ``admission(of:)`` were not known yet.
    package static func admitted(_ rows: PostgresRows) throws -> Set<MessageID> {
        let fresh = try rows.filter { try $0.bigintOrNil(1) == nil }
        return Set(try fresh.compactMap { MessageID(try $0.text(0)) })
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
