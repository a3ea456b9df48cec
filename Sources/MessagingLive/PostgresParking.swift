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

    /// The second step: what is known of a body that was too long to keep, and one row for a
    /// message however often it is delivered.
    ///
    /// Programs from before kept a row for each delivery, so the repeats go first: without that
    /// the index could not be made where there was one.
    package static let schemaOfExcess = """
        DELETE FROM parked_messages AS repeat USING parked_messages AS first
            WHERE repeat.queue = first.queue AND repeat.message_id = first.message_id
                AND repeat.body = first.body AND repeat.parked_id > first.parked_id;
        ALTER TABLE parked_messages
            ADD COLUMN body_length bigint,
            ADD COLUMN body_sha256 bytea;
        CREATE UNIQUE INDEX parked_messages_once
            ON parked_messages (queue, message_id, sha256(body))
            WHERE message_id IS NOT NULL;
        """

    /// The third step, for programs from before the second that run beside newer ones or after a
    /// rollback: they know nothing of the index, and a repeat that cannot be parked would be
    /// delivered for ever.
    package static let schemaOfRepeats = """
        CREATE FUNCTION parked_messages_skip_repeat() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM parked_messages WHERE queue = NEW.queue
                AND message_id = NEW.message_id AND sha256(body) = sha256(NEW.body)) THEN
                RETURN NULL;
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER parked_messages_skip_repeat BEFORE INSERT ON parked_messages
            FOR EACH ROW WHEN (NEW.message_id IS NOT NULL)
            EXECUTE FUNCTION parked_messages_skip_repeat();
        """

    /// The fourth step: what became of a parked message and who decided it, and one row also for a
    /// message without an id, known by its bytes and headers.
    ///
    /// Only a row that is still parked stands for its message: one that comes again after its
    /// replay is parked again. Rows are never deleted here; repeats from before are marked, not
    /// removed.
    package static let schemaOfActions = """
        ALTER TABLE parked_messages
            ADD COLUMN state text NOT NULL DEFAULT 'parked'
                CHECK (state IN ('parked', 'replayed', 'discarded')),
            ADD COLUMN resolved_at timestamptz;
        CREATE TABLE parked_actions (
            action_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            parked_id bigint NOT NULL REFERENCES parked_messages,
            action text NOT NULL CHECK (action IN ('replay', 'discard')),
            caller text NOT NULL,
            begun_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            ended_at timestamptz,
            result text
        );
        CREATE INDEX parked_actions_by_message ON parked_actions (parked_id);

        WITH alike AS (
            SELECT parked_id, row_number() OVER (
                PARTITION BY queue, type, sender, sha256(body), md5(headers) ORDER BY parked_id
            ) AS place FROM parked_messages WHERE message_id IS NULL
        ), marked AS (
            UPDATE parked_messages SET state = 'discarded', resolved_at = statement_timestamp()
            FROM alike WHERE alike.parked_id = parked_messages.parked_id AND place > 1
            RETURNING parked_messages.parked_id
        )
        INSERT INTO parked_actions (parked_id, action, caller, ended_at, result)
            SELECT parked_id, 'discard', 'migration', statement_timestamp(),
                'repeats an earlier one'
            FROM marked;

        DROP INDEX parked_messages_once;
        CREATE UNIQUE INDEX parked_messages_once
            ON parked_messages (queue, message_id, sha256(body))
            WHERE message_id IS NOT NULL AND state = 'parked';
        CREATE UNIQUE INDEX parked_messages_once_unnamed
            ON parked_messages (queue, sha256(body), md5(headers), (coalesce(type, '')),
                (coalesce(sender, '')))
            WHERE message_id IS NULL AND state = 'parked';
        CREATE INDEX parked_messages_open ON parked_messages (parked_id) WHERE state = 'parked';

        CREATE OR REPLACE FUNCTION parked_messages_skip_repeat() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM parked_messages WHERE queue = NEW.queue AND state = 'parked'
                    AND message_id = NEW.message_id AND sha256(body) = sha256(NEW.body))
                OR NEW.message_id IS NULL AND EXISTS (SELECT FROM parked_messages
                    WHERE queue = NEW.queue AND state = 'parked' AND message_id IS NULL
                    AND sha256(body) = sha256(NEW.body) AND md5(headers) = md5(NEW.headers)
                    AND coalesce(type, '') = coalesce(NEW.type, '')
                    AND coalesce(sender, '') = coalesce(NEW.sender, '')) THEN
                RETURN NULL;
            END IF;
            RETURN NEW;
        END $$;
        DROP TRIGGER parked_messages_skip_repeat ON parked_messages;
        CREATE TRIGGER parked_messages_skip_repeat BEFORE INSERT ON parked_messages
            FOR EACH ROW EXECUTE FUNCTION parked_messages_skip_repeat();
        """

    /// Bytes of bodies that one statement takes.
    private static let statementBytes = 1_048_576

    package func park(_ messages: [ParkedMessage]) async throws {
        var rest = messages[...]
        while !rest.isEmpty {
            var bytes = 0
            let fitting = rest.prefix { message in
                bytes += message.delivery.body.count
                return bytes <= Self.statementBytes
            }
            let taken = fitting.isEmpty ? rest.prefix(1) : fitting
            try await insert(taken)
            rest = rest.dropFirst(taken.count)
        }
    }

    /// A crash before the acknowledgement, or an answer that was lost, brings the same messages
    /// again.
    private func insert(_ messages: ArraySlice<ParkedMessage>) async throws {
        let deliveries = messages.map(\.delivery)
        _ = try await pool.execute(
            Statement(
                """
                INSERT INTO parked_messages (queue, message_id, type, body, headers, sender, reason,
                    body_length, body_sha256)
                SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[],
                    $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bytea[])
                ON CONFLICT DO NOTHING
                """,
                deliveries.map(\.queue), deliveries.map(\.messageID?.description),
                deliveries.map(\.type?.storable), deliveries.map(\.body),
                deliveries.map { PostgresOutbox.encode($0.headers) },
                deliveries.map(\.sender?.storable), messages.map(\.reason.storable),
                deliveries.map { $0.excess.map { Int64($0.length) } },
                deliveries.map(\.excess?.sha256)),
            retry: .conflicts)
    }
}

extension String {
    /// The text without NUL, the one character that PostgreSQL's text cannot hold.
    fileprivate var storable: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\0" }))
    }
}
