import Logging
import Postgres
import TestSupport
import Testing

@Suite struct PoolTests {
    @Test func `no more connections are opened than the pool's size`() async throws {
        let database = try await TestDatabase(size: 3)
        let backends = Journal<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    let rows = try await database.pool.execute(
                        Statement("SELECT pg_backend_pid() FROM pg_sleep(0.002)"))
                    backends.append(try rows[0].integer(0))
                }
            }
            try await group.waitForAll()
        }
        #expect((1...3).contains(Set(backends.entries).count))
        #expect(database.pool.status.busy == 0)
        #expect(database.pool.status.waiting == 0)
    }

    @Test func `connections are opened only when they are needed`() async throws {
        let database = try await TestDatabase(size: 8)
        for _ in 0..<5 { try await database.pool.ping() }
        #expect(database.pool.status.counts == [1, 0, 0])
    }

    @Test func `waiters are served in the order of their arrival`() async throws {
        let pool = try await TestDatabase(size: 1).pool
        let order = Journal<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.held { held in
                for number in 0..<20 {
                    group.addTask {
                        try await pool.transaction { transaction in
                            try transaction.execute(Statement("SELECT 1"))
                            order.append(number)
                        }
                    }
                    try await eventually { pool.status.waiting == number + 1 }
                }
                #expect(pool.status.counts == [0, 1, 20])
            }
            try await group.waitForAll()
        }
        #expect(order.entries == Array(0..<20))
    }

    @Test func `a caller that waits for too long is told so`() async throws {
        let pool = try await TestDatabase(size: 1, waitLimit: .milliseconds(50)).pool
        try await pool.held { _ in
            #expect(await code { try await pool.ping() } == .poolExhausted)
        }
        #expect(pool.status.counts == [1, 0, 0])
        try await pool.ping()
    }

    @Test func `a caller who would wait too long is refused at once, before he waits at all`()
        async throws
    {
        let url = try await TestDatabase().url
        let pool = PostgresPool(
            PostgresConfiguration(url: url, applicationName: "postgres-tests"), size: 1,
            waitLimit: .seconds(60), expectedWaitLimit: .zero,
            logger: Logger(label: "postgres-tests"))
        try await pool.ping()
        try await pool.held { _ in
            #expect(await code { try await pool.ping() } == .poolExhausted)
            #expect(pool.status.waiting == 0)
        }
        // Whoever finds a connection free does not wait, whatever the others took.
        try await pool.ping()
    }

    @Test func `a caller beyond the last place in the queue is refused at once`() async throws {
        let pool = try await TestDatabase(size: 1, waiters: 1).pool
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.held { _ in
                group.addTask { try await pool.ping() }
                try await eventually { pool.status.waiting == 1 }
                #expect(await code { try await pool.ping() } == .poolExhausted)
            }
            try await group.waitForAll()
        }
    }

    @Test func `a cancelled waiter leaves the queue at once and takes nothing with it`()
        async throws
    {
        let pool = try await TestDatabase(size: 1).pool
        try await pool.held { _ in
            let waiter = Task { try await pool.ping() }
            try await eventually { pool.status.waiting == 1 }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            #expect(pool.status.counts == [0, 1, 0])
        }
        let cancelledBefore = Task {
            try await pool.held { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                try await pool.ping()
            }
        }
        await #expect(throws: CancellationError.self) { try await cancelledBefore.value }
        try await pool.ping()
        #expect(pool.status.counts == [1, 0, 0])
    }

    @Test func `a cancelled query finishes and returns its connection clean`() async throws {
        let pool = try await TestDatabase(
            size: 3, tables: "CREATE TABLE facts (id bigint)"
        ).pool
        let insert = Statement(
            "INSERT INTO facts SELECT 1 FROM (SELECT pg_advisory_xact_lock(1)) AS lock")
        let waiting = Statement(
            """
            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
            """)
        let query = try await pool.held { held in
            try await held.execute(Statement("SELECT pg_advisory_xact_lock(1)"))
            let query = Task { try await pool.execute(insert) }
            try await eventually { try await pool.number(waiting) == 1 }
            query.cancel()
            #expect(try await pool.number(waiting) == 1, "what is sent is not called back")
            return query
        }
        #expect(try await query.value.affected == 1)
        #expect(pool.status.counts == [3, 0, 0])
        #expect(try await pool.number(Statement("SELECT count(*) FROM facts")) == 1)
    }

    @Test func `a closed pool lets work finish and takes no more`() async throws {
        let pool = try await TestDatabase(size: 1, tables: "CREATE TABLE facts (id bigint)").pool
        let journal = Journal<String>()
        let closing = try await pool.held { held in
            let waiter = Task { try await pool.ping() }
            try await eventually { pool.status.waiting == 1 }
            let closing = Task {
                await pool.close()
                journal.append("closed")
            }
            #expect(await code { try await waiter.value } == .poolClosed)
            #expect(await code { try await pool.ping() } == .poolClosed)
            // A close that does not wait would be through by now.
            for _ in 0..<100 { await Task.yield() }
            let insert = Statement("INSERT INTO facts VALUES (1)")
            #expect(try await held.execute(insert).affected == 1)
            journal.append("worked")
            return closing
        }
        await closing.value
        #expect(journal.entries == ["worked", "closed"])
        await pool.close()
        #expect(pool.status.counts == [0, 0, 0])
    }

    @Test func `closing a pool closes its connections`() async throws {
        let database = try await TestDatabase(size: 3)
        let other = TestDatabase.pool(to: database.url, size: 3) { $0.applicationName = "other" }
        let select = Statement("SELECT 1")
        try await other.held { first in
            try await first.execute(select)
            try await other.held { second in
                try await second.execute(select)
                try await other.ping()
            }
        }
        let count = Statement(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'other' AND datname = current_database()
            """)
        #expect(try await database.pool.number(count) == 3)
        await other.close()
        try await eventually { try await database.pool.number(count) == 0 }
    }
}

extension PostgresPool.Status {
    /// Idle, busy, waiting.
    fileprivate var counts: [Int] { [idle, busy, waiting] }
}
