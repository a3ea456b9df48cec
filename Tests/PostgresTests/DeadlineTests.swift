import Glibc
import Postgres
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct DeadlineTests {
    /// Far above what a busy machine needs, far below for ever.
    private static let bound = Duration.seconds(30)

    private func elapsed(_ work: () async throws -> Void) async rethrows -> Duration {
        try await ContinuousClock().measure(work)
    }

    @Test func `the server cancels a statement at the statement timeout`() async throws {
        let pool = try await TestDatabase(size: 1) {
            $0.statementTimeout = .milliseconds(500)
        }.pool
        let backend = try await pool.backend()
        let sleep = Statement("SELECT pg_sleep(30)")
        #expect(await code { try await pool.execute(sleep) } == .statementTimedOut)
        #expect(
            await code { try await pool.transaction { try $0.execute(sleep) } }
                == .statementTimedOut)
        #expect(try await pool.backend() == backend, "the connection is kept")
    }

    @Test func `connecting to a server that never answers ends at the deadline`() async throws {
        let listener = try Loopback.listen()
        defer { close(listener) }
        let port = try Loopback.port(of: listener)
        let pool = TestDatabase.pool(to: "postgresql://user@127.0.0.1:\(port)/orders") {
            $0.connectTimeout = .milliseconds(200)
        }
        let time = await elapsed {
            #expect(await code { try await pool.ping() } == .timedOut)
        }
        #expect(time >= .milliseconds(200) && time < Self.bound)
    }

    @Test func `a server that goes silent in a query is given up at the deadline`() async throws {
        let database = try await TestDatabase()
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url) { $0.queryDeadline = .seconds(1) }
        let backend = try await pool.backend()
        proxy.set(.silent)
        let time = await elapsed {
            #expect(await code { try await pool.ping() } == .timedOut)
        }
        #expect(time >= .seconds(1) && time < Self.bound)
        proxy.set(.none)
        #expect(try await pool.backend() != backend, "the next call has a new connection")
    }

    @Test func `a server that stops reading is given up at the deadline`() async throws {
        let database = try await TestDatabase()
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url) { $0.queryDeadline = .seconds(1) }
        let length = Statement("SELECT length($1)", String(repeating: "x", count: 16_000_000))
        try await pool.execute(Statement("SELECT length($1)", "x"))
        proxy.set(.silent)
        let time = await elapsed {
            #expect(await code { try await pool.execute(length) } == .timedOut)
        }
        #expect(time < Self.bound)
    }

    @Test func `a COMMIT without an answer has an unknown outcome`() async throws {
        let database = try await TestDatabase()
        let proxy = try FaultProxy(before: database.url)
        defer { proxy.stop() }
        let pool = TestDatabase.pool(to: proxy.url) { $0.queryDeadline = .seconds(1) }
        try await pool.ping()
        let failure = await code {
            try await pool.transaction { transaction in
                try transaction.execute(Statement("SELECT 1"))
                proxy.set(.silent)
            }
        }
        #expect(failure == .outcomeUnknown)
    }

    @Test func `blocked queries hold up no other task`() async throws {
        let pool = try await TestDatabase(size: 9).pool
        let lock = Statement("SELECT pg_advisory_xact_lock(1)")
        let blocked = try await pool.held { held in
            try await held.execute(lock)
            let blocked = (0..<8).map { _ in Task { try await pool.execute(lock).count } }
            try await eventually { try await waiting(held) == 8 }
            let finished = await withTaskGroup(of: Int.self) { free in
                for _ in 0..<1_000 {
                    free.addTask {
                        await Task.yield()
                        return 1
                    }
                }
                return await free.reduce(0, +)
            }
            #expect(finished == 1_000)
            #expect(try await waiting(held) == 8, "they are still blocked")
            return blocked
        }
        for query in blocked { #expect(try await query.value == 1) }
    }

    private func waiting(_ held: HeldTransaction) async throws -> Int {
        try await held.execute(
            Statement(
                """
                SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
                """))[0].integer(0)
    }
}
