import Postgres
import Synchronization
import TestSupport
import Testing

/// Statements that travel together, BEGIN with the first of a transaction and COMMIT with the last.
@Suite struct TogetherTests {
    private static let numbers = "CREATE TABLE numbers (n bigint PRIMARY KEY)"
    private static func insert(_ number: Int) -> Statement {
        Statement("INSERT INTO numbers VALUES ($1)", number)
    }
    private static let count = Statement("SELECT count(*) FROM numbers")

    @Test func `each gives what it would give alone, and sees what came before it`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.numbers).pool
        for first in [1, 3] {
            let counts = try await pool.transaction { transaction in
                // The second time nothing has to be prepared any more, and BEGIN is out already.
                if first == 3 { try transaction.execute(Self.count) }
                let results = try transaction.execute(together: [
                    Self.insert(first), Self.count, Self.insert(first + 1), Self.count,
                ])
                #expect(results.map(\.affected) == [1, 1, 1, 1])
                return try [results[1][0].integer(0), results[3][0].integer(0)]
            }
            #expect(counts == [first, first + 1])
        }
        #expect(try await pool.number(Self.count) == 4)
    }

    @Test func `the first that fails is the error, nothing behind it runs, and none of it stays`()
        async throws
    {
        let pool = try await TestDatabase(size: 1, tables: Self.numbers).pool
        let backend = try await pool.backend()
        let failure = await code {
            try await pool.transaction { transaction in
                try transaction.execute(together: [
                    Self.insert(1), Self.insert(1), Statement("SELECT 1 / 0"), Self.insert(2),
                ])
            }
        }
        #expect(failure == .uniqueViolation)
        #expect(try await pool.number(Self.count) == 0)
        #expect(try await pool.backend() == backend, "the connection is kept")
        // What was prepared before the failure is known, what was to be prepared after it is not.
        let sums = try await pool.transaction { transaction in
            try transaction.execute(together: [
                Self.insert(1), Statement("SELECT 1 / 1"), Self.count,
            ])
        }
        #expect(try sums[2][0].integer(0) == 1)
    }

    @Test(arguments: [false, true])
    func `a statement that cannot be prepared fails its transaction, even where that is overlooked`(
        isAlone: Bool
    ) async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.numbers).pool
        let wrong = Statement("SELECT nothing FROM numbers")
        let failure = await code {
            try await pool.transaction { transaction in
                _ = try? transaction.execute(together: isAlone ? [wrong] : [Self.insert(1), wrong])
            }
        }
        #expect(failure == .rolledBack)
        #expect(try await pool.number(Self.count) == 0)
    }

    @Test func `a parameter that cannot be sent is refused, and the transaction goes on`()
        async throws
    {
        let pool = try await TestDatabase(size: 1, tables: Self.numbers).pool
        try await pool.transaction { transaction in
            #expect(throws: PostgresError.self) {
                try transaction.execute(together: [
                    Self.insert(1), Statement("SELECT $1::text", "a\0b"),
                ])
            }
            try transaction.execute(Self.insert(2))
        }
        #expect(try await pool.number(Self.count) == 1)
    }

    @Test func `each has a snapshot of its own: what was committed meanwhile is seen`()
        async throws
    {
        let database = try await TestDatabase(
            tables: "\(Self.numbers); INSERT INTO numbers VALUES (0)")
        let pool = database.pool
        let lock = Statement("SELECT n FROM numbers WHERE n = 0 FOR UPDATE")
        let waiting = Statement(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """)
        let second = try await pool.held { first in
            try await first.execute(lock)
            try await first.execute(Self.insert(1))
            let second = Task {
                try await pool.transaction { transaction in
                    try transaction.execute(together: [lock, Self.count])[1][0].integer(0)
                }
            }
            try await eventually("the second waits") { try await pool.number(waiting) == 1 }
            return second
        }
        #expect(try await second.value == 2)
    }

    @Test func `a transaction that asks for nothing needs no server, and a COPY ends its session`()
        async throws
    {
        let pool = try await TestDatabase(size: 1, tables: Self.numbers).pool
        #expect(try await pool.transaction { _ in 7 } == 7)
        #expect(try await pool.held { _ in 7 } == 7)
        let backend = try await pool.backend()
        let copy = Statement("COPY numbers TO STDOUT")
        #expect(await code { try await pool.transaction { try $0.execute(copy) } } != nil)
        #expect(try await pool.number(Self.count) == 0)
        #expect(try await pool.backend() != backend)
    }

    @Test func `a connection that breaks on the way is an error that may be tried again`()
        async throws
    {
        let database = try await TestDatabase(tables: Self.numbers)
        let pool = database.pool
        let runs = Atomic<Int>(0)
        try await pool.transaction(retry: .idempotent) { transaction in
            let run = runs.add(1, ordering: .relaxed).newValue
            try transaction.execute(together: [
                Self.insert(1),
                run == 1
                    ? Statement("SELECT pg_terminate_backend(pg_backend_pid())") : Self.count,
                Self.insert(2),
            ])
        }
        #expect(runs.load(ordering: .relaxed) == 2)
        #expect(try await pool.number(Self.count) == 2)
    }

    // MARK: COMMIT with the last

    @Test func `the last statements take COMMIT along, and who waits for it hears of it at once`()
        async throws
    {
        let database = try await TestDatabase(tables: Self.numbers)
        let pool = database.pool
        let heard = Mutex<[String]>([])
        let counts = try await pool.transaction(
            committed: { heard.withLock { $0.append("committed") } },
            { transaction in
                try transaction.execute(Self.insert(1))
                return try transaction.commit(together: [Self.insert(2), Self.count])
                    .map { try $0.first?.integer(0) }
            })
        heard.withLock { $0.append("returned") }
        #expect(counts == [nil, 2])
        #expect(heard.withLock { $0 } == ["committed", "returned"])
        // By itself, and behind nothing at all.
        _ = try await pool.transaction { try $0.commit(together: [Self.insert(3)]) }
        _ = try await pool.transaction { try $0.commit(together: []) }
        try await pool.transaction { transaction in
            try transaction.execute(Self.insert(4))
            try transaction.commit(together: [])
        }
        let others = TestDatabase.pool(to: database.url)
        #expect(try await others.number(Self.count) == 4)
    }

    @Test func `where one of the last statements fails nothing is committed, and nobody hears`()
        async throws
    {
        let pool = try await TestDatabase(size: 1, tables: Self.numbers).pool
        let backend = try await pool.backend()
        let heard = Atomic(0)
        let failure = await code {
            try await pool.transaction(
                committed: { heard.add(1, ordering: .relaxed) },
                { transaction in
                    try transaction.execute(Self.insert(1))
                    try transaction.commit(together: [Self.insert(2), Self.insert(2)])
                })
        }
        #expect(failure == .uniqueViolation)
        let overlooked = await code {
            try await pool.transaction { transaction in
                _ = try? transaction.execute(together: [Self.insert(3), Self.insert(3)])
                try transaction.commit(together: [])
            }
        }
        #expect(overlooked == .rolledBack)
        #expect(heard.load(ordering: .relaxed) == 0)
        #expect(try await pool.number(Self.count) == 0)
        #expect(try await pool.backend() == backend, "the connection is kept")
    }

    @Test func `a constraint that only COMMIT looks at fails it, and the transaction is over`()
        async throws
    {
        let pool = try await TestDatabase(
            size: 1, tables: "CREATE TABLE numbers (n bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        ).pool
        let failure = await code {
            try await pool.transaction { transaction in
                try transaction.commit(together: [Self.insert(1), Self.insert(1)])
            }
        }
        #expect(failure == .uniqueViolation)
        let heard = Atomic(0)
        let overlooked = await code {
            try await pool.transaction(
                committed: { heard.add(1, ordering: .relaxed) },
                { transaction in
                    _ = try? transaction.commit(together: [Self.insert(1), Self.insert(1)])
                    // It must not commit by itself.
                    _ = try? transaction.execute(Self.insert(3))
                })
        }
        #expect(overlooked == .uniqueViolation)
        #expect(heard.load(ordering: .relaxed) == 0)
        let held = await code {
            try await pool.held { transaction in
                try await transaction.execute(Self.insert(1))
                try? await transaction.commit(together: [Self.insert(1)])
            }
        }
        #expect(held == .uniqueViolation)
        _ = try await pool.transaction { try $0.commit(together: [Self.insert(2)]) }
        #expect(try await pool.number(Self.count) == 1)
    }

    @Test func `a server that ends before COMMIT says that nothing is committed`() async throws {
        let pool = try await TestDatabase(tables: Self.numbers).pool
        let lost = Statement("SELECT pg_terminate_backend(pg_backend_pid())")
        let failure = await code {
            try await pool.transaction { try $0.commit(together: [Self.insert(1), lost]) }
        }
        // Nobody can know where its word is lost with the connection.
        #expect(failure == .shuttingDown || failure == .outcomeUnknown)
        #expect(try await pool.number(Self.count) == 0)
    }

    @Test func `a held transaction takes COMMIT along, too`() async throws {
        let pool = try await TestDatabase(size: 2, tables: Self.numbers).pool
        let held = try await pool.held { transaction in
            try await transaction.execute(Self.insert(1))
            try await transaction.commit(together: [Self.insert(2)])
            #expect(try await pool.number(Self.count) == 2, "committed before the body returns")
            return transaction
        }
        #expect(await code { try await held.execute(Self.insert(3)) } == .query)
        let failure = await code {
            try await pool.held { transaction in
                try await transaction.execute(Self.insert(3))
                try await transaction.commit(together: [Self.insert(3)])
            }
        }
        #expect(failure == .uniqueViolation)
        #expect(try await pool.number(Self.count) == 2)
    }
}
