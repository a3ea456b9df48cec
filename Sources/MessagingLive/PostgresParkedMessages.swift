import JSON
package import Messaging
package import Postgres
import SharedKernel

/// The parked messages in their table, and the actions beside them.
package struct PostgresParkedMessages: ParkedMessages {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the service's database.
    package init(pool: PostgresPool) { self.pool = pool }

    package func list(
        state: ParkedRow.State?, before: Int64?, limit: Int
    ) async throws -> [ParkedRow] {
        try await pool.execute(
            Statement(
                """
                SELECT parked_id, queue, message_id, type, sender, reason,
                    (extract(epoch FROM parked_at) * 1000000)::bigint,
                    coalesce(body_length, octet_length(body)), body_length IS NOT NULL, state
                FROM parked_messages
                WHERE parked_id < $1::bigint AND ($2::text IS NULL OR state = $2)
                ORDER BY parked_id DESC LIMIT $3::bigint
                """, before ?? .max, state?.rawValue, limit), retry: .idempotent
        ).map(ParkedRow.init(row:))
    }

    package func find(_ id: Int64) async throws -> ParkedRecord? {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT parked_id, queue, message_id, type, sender, reason,
                    (extract(epoch FROM parked_at) * 1000000)::bigint,
                    coalesce(body_length, octet_length(body)), body_length IS NOT NULL, state,
                    body, headers, body_sha256
                FROM parked_messages WHERE parked_id = $1::bigint
                """, id), retry: .idempotent)
        guard let row = rows.first else { return nil }
        let parked = try ParkedRow(row: row)
        let delivery = try Delivery(row: row, parked)
        let actions = try await actions(on: id)
        return ParkedRecord(row: parked, delivery: delivery, actions: actions)
    }

    private func actions(on id: Int64) async throws -> [ParkedAction] {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT action, caller, (extract(epoch FROM begun_at) * 1000000)::bigint, result
                FROM parked_actions WHERE parked_id = $1::bigint ORDER BY action_id LIMIT 100
                """, id), retry: .idempotent)
        return try rows.compactMap { row in
            guard let kind = ParkedAction.Kind(rawValue: try row.text(0)) else { return nil }
            return ParkedAction(
                kind: kind, caller: try row.text(1),
                begunAt: Timestamp(microseconds: try row.bigint(2)), result: try row.textOrNil(3))
        }
    }

    package func begin(
        _ kind: ParkedAction.Kind, on id: Int64, by caller: String
    ) async throws -> Int64 {
        let rows = try await pool.execute(
            Statement(
                """
                INSERT INTO parked_actions (parked_id, action, caller)
                VALUES ($1::bigint, $2, $3) RETURNING action_id
                """, id, kind.rawValue, caller))
        guard let row = rows.first else {
            throw PostgresError(.unexpectedResult, "no action was noted")
        }
        return try row.bigint(0)
    }

    package func end(
        _ action: Int64, on id: Int64, result: String, state: ParkedRow.State?
    ) async throws {
        _ = try await pool.execute(
            Statement(
                """
                WITH decided AS (
                    UPDATE parked_messages SET state = $4, resolved_at = statement_timestamp()
                    WHERE parked_id = $2::bigint AND state = 'parked' AND $4::text IS NOT NULL
                )
                UPDATE parked_actions SET ended_at = statement_timestamp(), result = $3
                WHERE action_id = $1::bigint
                """, action, id, result, state?.rawValue), retry: .idempotent)
    }
}

extension ParkedRow {
    /// Reads the ten columns of a row.
    fileprivate init(row: PostgresRow) throws {
        guard let state = State(rawValue: try row.text(9)) else {
            throw PostgresError(.unexpectedResult, "a parked message's state is unknown")
        }
        self.init(
            id: try row.bigint(0), queue: try row.text(1),
            messageID: try row.textOrNil(2).flatMap { MessageID($0) },
            type: try row.textOrNil(3), sender: try row.textOrNil(4), reason: try row.text(5),
            parkedAt: Timestamp(microseconds: try row.bigint(6)), length: try row.integer(7),
            isCut: try row.boolean(8), state: state)
    }
}

extension Delivery {
    /// Reads the three columns behind those of the row.
    fileprivate init(row: PostgresRow, _ parked: ParkedRow) throws {
        var headers: [String: String] = [:]
        if case .object(let members)? = try? JSONValue(parsing: Array(try row.text(11).utf8)) {
            for member in members { headers[member.name] = member.value.string }
        }
        let excess =
            parked.isCut
            ? Excess(length: parked.length, sha256: try row.bytesOrNil(12) ?? []) : nil
        self.init(
            messageID: parked.messageID, type: parked.type, body: try row.bytes(10),
            excess: excess, headers: headers, sender: parked.sender, queue: parked.queue)
    }
}
