import Postgres
import TestSupport
import Testing

@Suite struct MigratorTests {
    private static let migrations = [
        Migration(version: 2, name: "count", sql: "INSERT INTO runs VALUES (2)"),
        Migration(
            version: 1, name: "begin",
            sql: "CREATE TABLE runs (n bigint); INSERT INTO runs SELECT 1 FROM pg_sleep(0.1)"),
        Migration(version: 3, name: "count again", sql: "INSERT INTO runs VALUES (3)"),
    ]
    private static let versions = Statement(
        "SELECT string_agg(version || ' ' || name, ', ' ORDER BY version) FROM schema_migrations")

    @Test func `four starters at once apply every migration once, in order`() async throws {
        let database = try await TestDatabase()
        let starters = (0..<4).map { _ in TestDatabase.pool(to: database.url) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pool in starters {
                group.addTask { try await Migrator(Self.migrations, lockKey: -7).run(on: pool) }
            }
            try await group.waitForAll()
        }
        let runs = try await database.pool.execute(Statement("SELECT n FROM runs"))
        #expect(try runs.map { try $0.integer(0) } == [1, 2, 3])
        let names = try await database.pool.execute(Self.versions)[0].text(0)
        #expect(names == "1 begin, 2 count, 3 count again")
    }

    @Test func `migrating again changes nothing`() async throws {
        let pool = try await TestDatabase().pool
        for _ in 0..<3 { try await Migrator(Self.migrations, lockKey: 1).run(on: pool) }
        #expect(try await pool.number(Statement("SELECT count(*) FROM runs")) == 3)
    }

    @Test func `a database that is newer than the code is accepted`() async throws {
        let pool = try await TestDatabase().pool
        try await Migrator(Self.migrations, lockKey: 1).run(on: pool)
        try await Migrator([Self.migrations[1]], lockKey: 1).run(on: pool)
        #expect(try await pool.number(Statement("SELECT count(*) FROM schema_migrations")) == 3)
    }

    @Test func `another migration under one of our versions is refused`() async throws {
        let pool = try await TestDatabase().pool
        try await Migrator(Self.migrations, lockKey: 1).run(on: pool)
        let others = [Migration(version: 2, name: "other", sql: "DROP TABLE runs")]
        #expect(await code { try await Migrator(others, lockKey: 1).run(on: pool) } == .query)
        #expect(try await pool.number(Statement("SELECT count(*) FROM runs")) == 3)
    }

    @Test func `a migration that fails leaves nothing of itself behind`() async throws {
        let pool = try await TestDatabase().pool
        let broken =
            Self.migrations + [
                Migration(version: 4, name: "broken", sql: "DELETE FROM runs; SELECT nothing")
            ]
        #expect(await code { try await Migrator(broken, lockKey: 1).run(on: pool) } == .query)
        #expect(try await pool.number(Statement("SELECT count(*) FROM runs")) == 3)
        #expect(try await pool.number(Statement("SELECT max(version) FROM schema_migrations")) == 3)
    }

    @Test func `the wait for another process that migrates has a deadline`() async throws {
        let database = try await TestDatabase()
        var migrator = Migrator(Self.migrations, lockKey: 5)
        migrator.lockWait = .milliseconds(100)
        try await database.pool.held { held in
            try await held.execute(Statement("SELECT pg_advisory_xact_lock(5)"))
            let error = await #expect(throws: PostgresError.self) {
                try await migrator.run(on: database.pool)
            }
            #expect(error?.code == .lockNotAvailable)
            #expect(error?.message.contains("postgres-tests, backend") == true)
        }
        try await migrator.run(on: database.pool)
    }

    @Test func `a migration may take longer than a request`() async throws {
        let pool = try await TestDatabase {
            $0.statementTimeout = .seconds(1)
            $0.queryDeadline = .milliseconds(2_200)
        }.pool
        let slow = Migration(version: 1, name: "slow", sql: "SELECT pg_sleep(2.5)")
        try await Migrator([slow], lockKey: 1).run(on: pool)
        let sleep = Statement("SELECT pg_sleep(2.5)")
        #expect(await code { try await pool.execute(sleep) } == .statementTimedOut)
    }
}
