import MessagingLive
import Postgres
import Testing

/// What parked messages must stand when programs of two versions share a database, or one goes
/// back to the version before.
@Suite(.timeLimit(.minutes(2)))
struct ParkingMigrationTests {
    /// As the programs from before the second step have it.
    private static let oldInsert = """
        INSERT INTO parked_messages (queue, message_id, type, body, headers, sender, reason)
            SELECT * FROM unnest(ARRAY['q', 'q'], ARRAY['\(id)', '\(id)']::uuid[],
                ARRAY[NULL, NULL], ARRAY['\\x01', '\\x01']::bytea[], ARRAY['{}', '{}'],
                ARRAY[NULL, NULL], ARRAY['poison', 'poison']);
        """
    private static let id = "01890000-0000-7000-8000-000000000007"

    @Test func `a program from before may park a repeat, and it is kept once`() async throws {
        let database = try await PostgresDatabase()
        for _ in 0..<2 { try await database.pool.script(Self.oldInsert) }
        #expect(try await database.count(Statement("SELECT count(*) FROM parked_messages")) == 1)
    }

    @Test func `repeats that were kept before do not stop the migration`() async throws {
        let database = try await PostgresDatabase()
        try await database.pool.script(
            """
            DROP TABLE parked_actions, parked_messages;
            DROP FUNCTION parked_messages_skip_repeat;
            \(PostgresParking.schema)
            \(Self.oldInsert)
            INSERT INTO parked_messages (queue, body, reason)
                VALUES ('q', '\\x01', 'without an id'), ('q', '\\x01', 'without an id');
            """)
        try await database.pool.script(
            PostgresParking.schemaOfExcess + PostgresParking.schemaOfRepeats)
        #expect(try await database.count(Statement("SELECT count(*) FROM parked_messages")) == 3)
        // Of those without an id none is deleted either: all but the first are marked.
        try await database.pool.script(PostgresParking.schemaOfActions)
        #expect(try await database.count(Statement("SELECT count(*) FROM parked_messages")) == 3)
        #expect(
            try await database.count(
                Statement(
                    """
                    SELECT count(*) FROM parked_messages JOIN parked_actions USING (parked_id)
                    WHERE state = 'discarded' AND caller = 'migration'
                    """)) == 1)
    }
}
