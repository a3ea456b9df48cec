import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite struct RecoveryTests {
    private static let table = "CREATE TABLE facts (id bigint PRIMARY KEY)"
    private static let count = Statement("SELECT count(*) FROM facts")
    private static let insert = Statement("INSERT INTO facts VALUES (1) ON CONFLICT DO NOTHING")

    @Test func `a connection that was killed while idle is replaced unnoticed`() async throws {
        let database = try await TestDatabase(size: 1)
        let admin = TestDatabase.pool(to: database.url)
        for _ in 0..<20 {
            let backend = try await database.pool.backend()
            try await admin.execute(
                Statement("SELECT pg_terminate_backend($1::int, 5000)", backend))
            #expect(try await database.pool.backend() != backend)
        }
    }

    @Test func `a session killed in a transaction has committed nothing`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.table).pool
        let suicide = Statement("SELECT pg_terminate_backend(pg_backend_pid())")
        let failure = await code {
            try await pool.transaction { transaction in
                try transaction.execute(Self.insert)
                try transaction.execute(suicide)
            }
        }
        #expect(failure == .shuttingDown)
        #expect(try await pool.number(Self.count) == 0)

        let attempts = Atomic<Int>(0)
        try await pool.transaction(retry: .idempotent) { transaction in
            try transaction.execute(Self.insert)
            if attempts.add(1, ordering: .relaxed).newValue == 1 {
                try transaction.execute(suicide)
            }
        }
        #expect(attempts.load(ordering: .relaxed) == 2)
        #expect(try await pool.number(Self.count) == 1)
    }

    @Test func `a body that ignores its lost connection has committed nothing`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.table).pool
        let suicide = Statement("SELECT pg_terminate_backend(pg_backend_pid())")
        let failure = await code {
            try await pool.transaction { transaction in
                try transaction.execute(Self.insert)
                _ = try? transaction.execute(suicide)
            }
        }
        #expect(failure == .shuttingDown)
        let held = await code {
            try await pool.held { held in
                try await held.execute(Self.insert)
                _ = try? await held.execute(suicide)
            }
        }
        #expect(held == .shuttingDown)
        #expect(try await pool.number(Self.count) == 0)
    }

    @Test func `a held transaction that sat idle for too long has committed nothing`() async throws
    {
        let database = try await TestDatabase(tables: Self.table)
        let pool = TestDatabase.pool(to: database.url) {
            $0.idleInTransactionTimeout = .milliseconds(100)
        }
        let others = Statement(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'idle in transaction'
            """)
        let failure = await code {
            try await pool.held { held in
                try await held.execute(Self.insert)
                try await eventually { try await database.pool.number(others) == 0 }
            }
        }
        // The session is gone before its socket is closed: a COMMIT that is sent in between gets no
        // answer, and then nobody can know.
        #expect(failure == .connectionLost || failure == .outcomeUnknown)
        #expect(try await database.pool.number(Self.count) == 0)
    }

    @Test func `a connection cut before COMMIT arrived has an unknown outcome`() async throws {
        let database = try await TestDatabase(tables: Self.table)
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url)
        proxy.set(.cutBefore("COMMIT"))
        let failure = await code { try await pool.transaction { try $0.execute(Self.insert) } }
        #expect(failure == .outcomeUnknown)
        proxy.set(.cutBefore("COMMIT"))
        let together = await code {
            try await pool.transaction { try $0.commit(together: [Self.insert]) }
        }
        #expect(together == .outcomeUnknown)
        #expect(try await database.pool.number(Self.count) == 0)
    }

    @Test func `a COMMIT whose answer is cut has an unknown outcome, and did happen`() async throws
    {
        let database = try await TestDatabase(tables: Self.table)
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url)
        proxy.set(.cutAnswer(to: "COMMIT"))
        let failure = await code { try await pool.transaction { try $0.execute(Self.insert) } }
        #expect(failure == .outcomeUnknown)
        #expect(try await database.pool.number(Self.count) == 1)
        proxy.set(.cutAnswer(to: "COMMIT"))
        let held = await code { try await pool.held { try await $0.execute(Self.insert) } }
        #expect(held == .outcomeUnknown)
        try await database.pool.execute(Statement("DELETE FROM facts"))
        proxy.set(.cutAnswer(to: "COMMIT"))
        let together = await code {
            try await pool.transaction { try $0.commit(together: [Self.insert]) }
        }
        #expect(together == .outcomeUnknown)
        #expect(try await database.pool.number(Self.count) == 1)
    }

    @Test func `idempotent work is run again when its outcome is unknown`() async throws {
        let database = try await TestDatabase(tables: Self.table)
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url)
        let attempts = Atomic<Int>(0)
        proxy.set(.cutAnswer(to: "COMMIT"))
        let inserted = try await pool.transaction(retry: .idempotent) { transaction in
            attempts.add(1, ordering: .relaxed)
            return try transaction.execute(Self.insert).affected
        }
        #expect(attempts.load(ordering: .relaxed) == 2)
        #expect(inserted == 0, "the first attempt was committed, unheard")
        #expect(try await pool.number(Self.count) == 1)
    }

    @Test func `an autocommitted statement whose answer is cut has an unknown outcome`()
        async throws
    {
        let database = try await TestDatabase(tables: Self.table)
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url)
        // Prepared first, so that the next bytes to the server execute it by its name.
        try await pool.execute(Self.insert)
        try await pool.execute(Statement("DELETE FROM facts"))
        proxy.set(.cutAnswer(to: "s1"))
        #expect(await code { try await pool.execute(Self.insert) } == .outcomeUnknown)
        #expect(try await database.pool.number(Self.count) == 1)

        try await pool.execute(Self.insert)
        try await pool.execute(Statement("DELETE FROM facts"))
        proxy.set(.cutAnswer(to: "s1"))
        let second = try await pool.execute(Self.insert, retry: .idempotent)
        #expect(second.affected == 0, "the first attempt was committed, unheard")
        #expect(try await pool.number(Self.count) == 1)
    }

    @Test func `a server that is away is unreachable, with the reason`() async throws {
        let listener = try Loopback.listen()
        let port = try Loopback.port(of: listener)
        close(listener)
        let pool = TestDatabase.pool(to: "postgresql://user@127.0.0.1:\(port)/orders")
        let error = await #expect(throws: PostgresError.self) { try await pool.ping() }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("Connection refused") == true)
    }

    @Test func `a server that is away is not hammered, and is found again`() async throws {
        let database = try await TestDatabase()
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url, size: 4)
        proxy.set(.refuse)
        for _ in 0..<500 { #expect(await code { try await pool.ping() } == .unreachable) }
        #expect(proxy.connections < 50)
        proxy.set(.none)
        try await eventually { await code { try await pool.ping() } == nil }
    }

    @Test func `prepared statements follow a change of their tables`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.table).pool
        let all = Statement("SELECT * FROM facts")
        try await pool.execute(Self.insert)
        try await pool.execute(all)
        try await pool.script("ALTER TABLE facts ADD COLUMN note text DEFAULT 'new'")
        #expect(try await pool.execute(all)[0].text(1) == "new")

        try await pool.script("ALTER TABLE facts ADD COLUMN other text DEFAULT 'newer'")
        let attempts = Atomic<Int>(0)
        let text = try await pool.transaction { transaction in
            attempts.add(1, ordering: .relaxed)
            return try transaction.execute(all)[0].text(2)
        }
        #expect(text == "newer")
        #expect(attempts.load(ordering: .relaxed) == 2)
    }

    @Test func `prepared statements that somebody dropped are prepared again`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.table).pool
        try await pool.execute(Self.count)
        try await pool.script("DEALLOCATE ALL")
        #expect(try await pool.number(Self.count) == 0)
        try await pool.script("DEALLOCATE ALL")
        #expect(try await pool.transaction { try $0.execute(Self.count)[0].integer(0) } == 0)
        try await pool.script("DEALLOCATE ALL")
        #expect(
            await code { try await pool.held { try await $0.execute(Self.count) } }
                == .staleStatement)
        #expect(try await pool.held { try await $0.execute(Self.count)[0].integer(0) } == 0)
    }

    @Test func `a session that became read-only is given up`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.table).pool
        let backend = try await pool.backend()
        try await pool.script("SET default_transaction_read_only = on")
        #expect(await code { try await pool.execute(Self.insert) } == .notPrimary)
        #expect(try await pool.backend() != backend)
        try await pool.execute(Self.insert)
    }

    @Test
    func `a server that would lose commits is refused`() async throws {
        let database = try await TestDatabase()
        try await database.pool.requireDurability()
        let separator = database.url.contains("?") ? "&" : "?"
        let careless = TestDatabase.pool(
            to: database.url + separator + "options=-c%20synchronous_commit%3Doff")
        let error = await #expect(throws: PostgresError.self) {
            try await careless.requireDurability()
        }
        #expect(error?.code == .notDurable)
        #expect(error?.message.contains("synchronous_commit") == true)
    }
}
