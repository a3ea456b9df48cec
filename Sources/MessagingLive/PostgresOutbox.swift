import Failpoint
import JSON
package import Messaging
package import Postgres
import SharedKernel

/// The outbox as a table beside the facts it tells: at-least-once, duplicates possible.
///
/// Its claim is a row lock held while the broker confirms: a relay that dies, however it dies,
/// takes its connection along, and the rows are free at once for the next.
package struct PostgresOutbox: Outbox {
    private let pool: PostgresPool

    /// - Parameter pool: connections of the relay's own, so that a flood at the doors cannot starve
    ///   it.
    package init(pool: PostgresPool) { self.pool = pool }

    /// The table. Ids ascend with time, so the primary key is also the order of publishing.
    package static let schema = """
        CREATE TABLE outbox (
            message_id uuid PRIMARY KEY,
            type text NOT NULL,
            payload text NOT NULL,
            headers text NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            due_at timestamptz NOT NULL DEFAULT '-infinity',
            attempts integer NOT NULL DEFAULT 0
        ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
        """

    package func relay(
        upTo limit: Int, _ publish: ([OutboxMessage]) async throws -> [OutboxDisposition]
    ) async throws -> Int {
        let claimed = try await pool.held { claim in
            let rows = try await claim.execute(
                Statement(
                    """
                    SELECT message_id, type, payload, headers,
                        (extract(epoch FROM created_at) * 1000000)::bigint, attempts
                    FROM outbox WHERE due_at <= statement_timestamp()
                    ORDER BY message_id LIMIT $1::bigint FOR UPDATE SKIP LOCKED
                    """, limit))
            guard !rows.isEmpty else { return 0 }
            let messages = try rows.map(OutboxMessage.init(row:))
            failpoint("relay.before-publish")
            let dispositions = try await publish(messages)
            failpoint("relay.after-confirm")
            let endings = Self.endings(zip(messages, dispositions))
            failpoint("relay.before-commit")
            try await claim.commit(together: endings)
            return messages.count
        }
        if claimed > 0 { failpoint("relay.after-commit") }
        return claimed
    }

    private static func endings(
        _ outcome: some Sequence<(OutboxMessage, OutboxDisposition)>
    ) -> [Statement] {
        var published: [String] = []
        var postponed: [String] = []
        var delays: [Int64] = []
        for (message, disposition) in outcome {
            switch disposition {
            case .delete: published.append(message.id.description)
            case .postpone(let delay):
                postponed.append(message.id.description)
                delays.append(delay.microseconds)
            }
        }
        var endings: [Statement] = []
        if !published.isEmpty {
            endings.append(
                Statement("DELETE FROM outbox WHERE message_id = ANY ($1::uuid[])", published))
        }
        guard !postponed.isEmpty else { return endings }
        endings.append(
            Statement(
                """
                UPDATE outbox SET attempts = attempts + 1,
                    due_at = statement_timestamp() + delay.microseconds * interval '1 microsecond'
                FROM unnest($1::uuid[], $2::bigint[]) AS delay (message_id, microseconds)
                WHERE outbox.message_id = delay.message_id
                """, postponed, delays))
        return endings
    }

    package func backlog() async throws -> OutboxBacklog {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT count(*), coalesce((extract(epoch FROM
                    statement_timestamp() - min(created_at)) * 1000000)::bigint, 0)
                FROM outbox
                """), retry: .idempotent)
        guard let row = rows.first else { return OutboxBacklog(count: 0, oldestAge: .zero) }
        return OutboxBacklog(
            count: try row.integer(0), oldestAge: .microseconds(try row.bigint(1)))
    }

    /// Leaves messages in the outbox, where the facts that they tell are committed with them; one
    /// that still waits there is not doubled.
    package static func addition(of messages: [OutboxMessage]) -> Statement {
        Statement(
            """
            INSERT INTO outbox (message_id, type, payload, headers)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
            ON CONFLICT (message_id) DO NOTHING
            """,
            messages.map(\.id.description), messages.map(\.type),
            messages.map { String(decoding: $0.payload, as: UTF8.self) },
            messages.map { encode($0.headers) })
    }

    /// Headers as the `headers` column keeps them: a JSON object of strings.
    package static func encode(_ headers: [String: String]) -> String {
        JSONValue.object(
            headers.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }
        ).text
    }
}

extension OutboxMessage {
    /// Reads the six columns of a claimed row.
    fileprivate init(row: PostgresRow) throws {
        guard let id = MessageID(try row.text(0)) else { throw UnreadableMessage() }
        self.init(
            id: id, type: try row.text(1), payload: Array(try row.text(2).utf8),
            headers: Self.headers(try row.text(3)),
            createdAt: Timestamp(microseconds: try row.bigint(4)), attempts: try row.integer(5))
    }

    /// Headers tell of a message's trip and change nothing in what it says: what cannot be read of
    /// them is left out, as it must not keep this message back, or those beside it.
    private static func headers(_ text: String) -> [String: String] {
        guard case .object(let members) = try? JSONValue(parsing: Array(text.utf8)) else {
            return [:]
        }
        return Dictionary(
            members.compactMap { member in member.value.string.map { (member.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}

/// A row that no version of this table's writers has written.
private struct UnreadableMessage: Error {}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
