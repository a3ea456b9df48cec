package import Messaging
package import Postgres
import SharedKernel

/// Poison and contradictory messages in a table, with their bytes, headers and reason.
package struct PostgresParking: Parking {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the service's database.
    package init(pool: PostgresPool) { self.pool = pool }

    /// The table. A message is bytes here: what cannot be read as text can still be kept.
    package static let schema = """
        CREATE TABLE parked_messages (
            parked_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            queue text NOT NULL,
            message_id uuid,
            type text,
            body bytea NOT NULL,
            headers text NOT NULL DEFAULT '{}',
            sender text,
            reason text NOT NULL,
            parked_at timestamptz NOT NULL DEFAULT statement_timestamp()
        );
        """

    package func park(_ messages: [ParkedMessage]) async throws {
        guard !messages.isEmpty else { return }
        let deliveries = messages.map(\.delivery)
        _ = try await pool.execute(
            Statement(
                """
                INSERT INTO parked_messages
                    (queue, message_id, type, body, headers, sender, reason)
                SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[],
                    $5::text[], $6::text[], $7::text[])
                """,
                deliveries.map(\.queue), deliveries.map(\.messageID?.description),
                deliveries.map(\.type?.storable), deliveries.map(\.body),
                deliveries.map { PostgresOutbox.encode($0.headers) },
                deliveries.map(\.sender?.storable), messages.map(\.reason.storable)),
            retry: .conflicts)
    }
}

extension String {
    /// The text without NUL, the one character that PostgreSQL's text cannot hold.
    fileprivate var storable: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\0" }))
    }
}
