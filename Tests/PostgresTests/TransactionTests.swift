import Dispatch
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite struct TransactionTests {
    private static let accounts = """
        CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL);
        INSERT INTO accounts VALUES (1, 100), (2, 100)
        """
    private static func add(_ amount: Int, to id: Int) -> Statement {
        Statement("UPDATE accounts SET balance = balance + $1 WHERE id = $2", amount, id)
    }
    private static let sum = Statement("SELECT sum(balance)::bigint FROM accounts")

    @Test func `what a body did is committed together, and its value comes out`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.accounts).pool
        let value = try await pool.transaction { transaction in
            try transaction.execute(Self.add(-40, to: 1))
            try transaction.execute(Self.add(40, to: 2))
            return try transaction.execute(Self.sum)[0].integer(0)
        }
        #expect(value == 200)
        let balance = Statement("SELECT balance FROM accounts WHERE id = 2")
        #expect(try await pool.number(balance) == 140)
    }

    @Test func `an error thrown by the body rolls back and comes out unchanged`() async throws {
        struct Refusal: Error {}
        let pool = try await TestDatabase(size: 1, tables: Self.accounts).pool
        let backend = try await pool.backend()
        await #expect(throws: Refusal.self) {
            try await pool.transaction { transaction in
                try transaction.execute(Self.add(1, to: 1))
                throw Refusal()
            }
        }
        #expect(try await pool.number(Self.sum) == 200)
        #expect(try await pool.backend() == backend, "the connection is kept")
    }

    @Test func `a transaction runs at READ COMMITTED whatever the server's default`() async throws {
        let database = try await TestDatabase()
        try await database.pool.script(
            """
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation
                = ''serializable''', current_database()); END $$
            """)
        let pool = TestDatabase.pool(to: database.url)
        let level = try await pool.transaction { transaction in
            try transaction.execute(Statement("SHOW transaction_isolation"))[0].text(0)
        }
        #expect(level == "read committed")
    }

    @Test func `a COMMIT that rolled back is an error`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.accounts).pool
        let failure = await code {
            try await pool.transaction { transaction in
                try transaction.execute(Self.add(1, to: 1))
                _ = try? transaction.execute(Statement("INSERT INTO accounts VALUES (1, 0)"))
            }
        }
        #expect(failure == .rolledBack)
        #expect(try await pool.number(Self.sum) == 200)
    }

    @Test func `a constraint that fails only at COMMIT is that constraint's error`() async throws {
        let pool = try await TestDatabase(
            size: 1,
            tables: "CREATE TABLE slots (n bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        ).pool
        let twice = Statement("INSERT INTO slots VALUES (1), (1)")
        let failure = await code { try await pool.transaction { try $0.execute(twice) } }
        #expect(failure == .uniqueViolation)
        #expect(await code { try await pool.execute(twice) } == .uniqueViolation)
        #expect(try await pool.number(Statement("SELECT count(*) FROM slots")) == 0)
    }

    @Test func `a serialization failure runs the whole transaction again`() async throws {
        let pool = try await TestDatabase(tables: Self.accounts).pool
        let attempts = Atomic<Int>(0)
        let hasSnapshot = DispatchSemaphore(value: 0)
        let mayGoOn = DispatchSemaphore(value: 0)
        async let first: Void = pool.transaction { transaction in
            let attempt = attempts.add(1, ordering: .relaxed).newValue
            try transaction.script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            try transaction.execute(Self.sum)
            if attempt == 1 {
                hasSnapshot.signal()
                #expect(mayGoOn.wait(timeout: .now() + 60) == .success)
            }
            try transaction.execute(Self.add(1, to: 1))
        }
        try await eventually { hasSnapshot.wait(timeout: .now()) == .success }
        try await pool.execute(Self.add(10, to: 1))
        mayGoOn.signal()
        try await first
        #expect(attempts.load(ordering: .relaxed) == 2)
        #expect(try await pool.number(Self.sum) == 211)
    }

    @Test(arguments: [true, false])
    func `the victim of a deadlock is run again`(isSwallowed: Bool) async throws {
        let pool = try await TestDatabase(tables: Self.accounts).pool
        let attempts = Atomic<Int>(0)
        let met = Rendezvous(parties: 2)
        let transfer: @Sendable (Int, Int) async throws -> Void = { source, target in
            try await pool.transaction { transaction in
                attempts.add(1, ordering: .relaxed)
                try transaction.execute(Self.add(-10, to: source))
                met.wait()
                do {
                    try transaction.execute(Self.add(10, to: target))
                } catch {
                    // A body that loses the error must not turn a conflict into a refusal.
                    if !isSwallowed { throw error }
                }
            }
        }
        async let there: Void = transfer(1, 2)
        async let back: Void = transfer(2, 1)
        _ = try await (there, back)
        // Two first tries, and at least one by the victim.
        #expect(attempts.load(ordering: .relaxed) >= 3)
        #expect(try await pool.number(Statement("SELECT max(balance) FROM accounts")) == 100)
    }

    @Test func `a lock that is not granted is given up at the lock timeout`() async throws {
        let pool = try await TestDatabase(tables: Self.accounts) {
            $0.lockTimeout = .milliseconds(50)
        }.pool
        try await pool.held { held in
            try await held.execute(Self.add(1, to: 1))
            let attempts = Atomic<Int>(0)
            let failure = await code {
                try await pool.transaction(retry: .never) { transaction in
                    attempts.add(1, ordering: .relaxed)
                    try transaction.execute(Self.add(1, to: 1))
                }
            }
            #expect(failure == .lockNotAvailable)
            #expect(attempts.load(ordering: .relaxed) == 1)
            #expect(
                await code {
                    try await pool.transaction { transaction in
                        attempts.add(1, ordering: .relaxed)
                        try transaction.execute(Self.add(1, to: 1))
                    }
                } == .lockNotAvailable)
            #expect(attempts.load(ordering: .relaxed) == 6, "five attempts, and no more")
        }
        #expect(try await pool.number(Self.sum) == 201)
    }

    @Test func `a held transaction keeps its locks over awaits and ends with its body`()
        async throws
    {
        struct Refusal: Error {}
        let pool = try await TestDatabase(tables: Self.accounts).pool
        let lockedBy: @Sendable () async throws -> Int = {
            try await pool.number(
                Statement(
                    """
                    SELECT count(*) FROM (SELECT FROM accounts WHERE id = 1
                        FOR UPDATE SKIP LOCKED) AS free
                    """))
        }
        let escaped = try await pool.held { held in
            try await held.execute(Self.add(1, to: 1))
            #expect(try await lockedBy() == 0)
            return held
        }
        #expect(try await lockedBy() == 1)
        #expect(try await pool.number(Self.sum) == 201)
        #expect(await code { try await escaped.execute(Self.sum) } == .query)

        await #expect(throws: Refusal.self) {
            try await pool.held { held in
                try await held.execute(Self.add(1, to: 1))
                throw Refusal()
            }
        }
        #expect(try await pool.number(Self.sum) == 201)
    }

    @Test func `a held transaction whose COMMIT rolled back is an error`() async throws {
        let pool = try await TestDatabase(size: 1, tables: Self.accounts).pool
        let failure = await code {
            try await pool.held { held in
                try await held.execute(Self.add(1, to: 1))
                _ = try? await held.execute(Statement("SELECT nothing"))
            }
        }
        #expect(failure == .rolledBack)
        #expect(try await pool.number(Self.sum) == 200)
    }

    @Test func `a statement that leaves a transaction open does not leak it`() async throws {
        // The server would end it too, but late: that must not be what is seen.
        let database = try await TestDatabase(size: 1, tables: Self.accounts) {
            $0.idleInTransactionTimeout = .seconds(600)
        }
        let observer = TestDatabase.pool(to: database.url)
        let open = Statement(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND state LIKE 'idle in transaction%'
            """)
        try await database.pool.execute(Statement("BEGIN"))
        try await eventually(within: .seconds(20)) { try await observer.number(open) == 0 }
        try await database.pool.execute(Self.add(1, to: 1))
        #expect(try await observer.number(Self.sum) == 201)
    }
}

/// Two bodies on two threads that must be inside at the same time, once.
private final class Rendezvous: Sendable {
    private let missing: Mutex<Int>
    private let gate = DispatchSemaphore(value: 0)
    private let parties: Int

    init(parties: Int) {
        self.parties = parties
        missing = Mutex(parties)
    }

    func wait() {
        let left = missing.withLock { missing in
            missing -= 1
            return missing
        }
        if left == 0 { for _ in 1..<parties { gate.signal() } }
        if left > 0 { #expect(gate.wait(timeout: .now() + 60) == .success) }
    }
}
