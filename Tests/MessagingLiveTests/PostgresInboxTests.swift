import MessagingLive
import Postgres
import SharedKernel
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PostgresInboxTests {
    private func admit(_ numbers: [Int], on pool: PostgresPool) async throws -> Set<MessageID> {
        let ids = Set(try numbers.map { try messageID($0) })
        return try PostgresInbox.admitted(try await pool.execute(PostgresInbox.admission(of: ids)))
    }

    @Test func `a message is new once`() async throws {
        let pool = try await PostgresDatabase().pool
        #expect(try await admit([1, 2], on: pool) == [try messageID(1), try messageID(2)])
        #expect(try await admit([2, 3], on: pool) == [try messageID(3)])
        #expect(try await admit([1, 2, 3], on: pool) == [])
        #expect(try await admit([], on: pool) == [])
    }

    @Test func `how often a message came again is counted, and when it last did`() async throws {
        let database = try await PostgresDatabase()
        for _ in 0..<3 { _ = try await admit([1, 2], on: database.pool) }
        _ = try await admit([2, 3], on: database.pool)
        let rows = try await database.pool.execute(
            Statement(
                """
                SELECT coalesce(repeats, 0), repeated_at > received_at FROM inbox
                ORDER BY message_id
                """), retry: .never)
        #expect(try rows.map { try $0.integer(0) } == [2, 3, 0])
        #expect(try rows.map { try $0.textOrNil(1) } == ["t", "t", nil])
    }

    @Test func `a message whose transaction rolled back is new again`() async throws {
        let pool = try await PostgresDatabase().pool
        let id = try messageID(1)
        await #expect(throws: ScriptedFault.self) {
            try await pool.transaction { transaction in
                try transaction.execute(PostgresInbox.admission(of: [id]))
                throw ScriptedFault(isTransient: true)
            }
        }
        #expect(try await admit([1], on: pool) == [id])
    }

    @Test func `of many who admit the same messages at once each is new to one`() async throws {
        let pool = try await PostgresDatabase(size: 8).pool
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await admit(Array(0..<50), on: pool).count } }
            return try await group.reduce(0, +)
        }
        #expect(counts == 50)
    }

    @Test func `pruning forgets what is older than the retention and nothing else`()
        async throws
    {
        let database = try await PostgresDatabase()
        _ = try await admit([1, 2, 3], on: database.pool)
        try await database.pool.script(
            """
            UPDATE inbox SET received_at = received_at - interval '8 days'
            WHERE message_id <> '00000000-0000-7000-8000-000000000003'
            """)
        #expect(
            try await PostgresInbox.prune(database.pool, olderThan: PostgresInbox.retention) == 2)
        #expect(
            try await PostgresInbox.prune(database.pool, olderThan: PostgresInbox.retention) == 0)
        #expect(try await database.count(Statement("SELECT count(*) FROM inbox")) == 1)
    }
}
