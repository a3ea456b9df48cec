import Logging

/// Brings a database's schema up to the code's, safely with any number of starters at once.
///
/// Each migration is one transaction together with its row in `schema_migrations`, under an
/// advisory lock that ends with the transaction: nothing can be left locked or half done.
package struct Migrator: Sendable {
    /// How long to wait for another process that migrates the same database.
    package var lockWait: Duration = .seconds(60)
    /// How long one migration may take; the pool's own timeouts are meant for requests.
    package var migrationLimit: Duration = .seconds(600)

    private let migrations: [Migration]
    private let lockKey: Int64

    /// - Parameters:
    ///   - migrations: in any order; their versions must differ.
    ///   - lockKey: the advisory lock, the same for all who migrate this database.
    package init(_ migrations: [Migration], lockKey: Int64) {
        precondition(Set(migrations.map(\.version)).count == migrations.count)
        self.migrations = migrations.sorted { $0.version < $1.version }
        self.lockKey = lockKey
    }

    /// Applies what is missing. A database that is newer than the code is accepted, and logged.
    ///
    /// Throws ``PostgresError``: what a migration failed with (its transaction is rolled back),
    /// `.query` when the database has another migration under one of our versions,
    /// `.lockNotAvailable` when another process held the lock for longer than ``lockWait``.
    package func run(on pool: PostgresPool) async throws {
        let applied = try await pool.transaction(retry: .idempotent) { try Self.applied($0) }
        for migration in migrations {
            guard let name = applied[migration.version] else { continue }
            try require(migration, named: name)
        }
        let known = migrations.last?.version ?? 0
        if let newest = applied.keys.max(), newest > known {
            pool.logger.notice(
                "the database is newer than this program",
                metadata: ["database": "\(newest)", "program": "\(known)"])
        }
        for migration in migrations where applied[migration.version] == nil {
            try await apply(migration, on: pool)
        }
    }

    /// Looks only, for a program that may not change the schema: the owner's role migrates.
    ///
    /// Throws ``PostgresError``: `.schemaBehind`, which is transient, while a migration is missing;
    /// `.query` as ``run(on:)`` does.
    package func check(on pool: PostgresPool) async throws {
        let applied = try await pool.transaction(retry: .idempotent) { try Self.applied($0) }
        for migration in migrations {
            guard let name = applied[migration.version] else {
                throw PostgresError(
                    .schemaBehind,
                    "the schema lacks migration \(migration.version) '\(migration.name)', which "
                        + "the owner's role has to apply (--migrate-only)")
            }
            try require(migration, named: name)
        }
    }

    private enum Step { case applied, alreadyThere, lockBusy(holder: String) }

    private func apply(_ migration: Migration, on pool: PostgresPool) async throws {
        let deadline = ContinuousClock.now + lockWait
        var hasSaidSo = false
        while true {
            switch try await pool.transaction(retry: .idempotent, { try step(migration, $0) }) {
            case .applied:
                pool.logger.info(
                    "migrated",
                    metadata: ["version": "\(migration.version)", "name": "\(migration.name)"])
                return
            case .alreadyThere: return
            case .lockBusy(let holder):
                guard .now < deadline else {
                    throw PostgresError(
                        .lockNotAvailable, "another process (\(holder)) still migrates")
                }
                if !hasSaidSo {
                    pool.logger.notice(
                        "waiting for another process that migrates this database",
                        metadata: ["holder": "\(holder)", "version": "\(migration.version)"])
                    hasSaidSo = true
                }
                try await Task.sleep(for: Duration.milliseconds(200).jittered())
            }
        }
    }

    private func step(_ migration: Migration, _ transaction: PostgresTransaction) throws -> Step {
        let lock = Statement("SELECT pg_try_advisory_xact_lock($1::bigint)", lockKey)
        guard try transaction.execute(lock)[0].boolean(0) else {
            return .lockBusy(holder: try holder(transaction))
        }
        // Others may have applied it between our look and our lock.
        if let name = try Self.applied(transaction)[migration.version] {
            try require(migration, named: name)
            return .alreadyThere
        }
        try transaction.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version integer PRIMARY KEY,
                name text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now());
            SET LOCAL statement_timeout = \(migrationLimit.milliseconds)
            """)
        try transaction.script(migration.sql, within: migrationLimit + .seconds(5))
        try transaction.execute(
            Statement(
                "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)",
                migration.version, migration.name))
        return .applied
    }

    /// Who holds the lock, in words for the log.
    private func holder(_ transaction: PostgresTransaction) throws -> String {
        let rows = try transaction.execute(
            Statement(
                """
                SELECT a.application_name || ', backend ' || a.pid
                FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
                """, lockKey))
        return try rows.first?.text(0) ?? "just finished"
    }

    private func require(_ migration: Migration, named name: String) throws {
        guard name == migration.name else {
            throw PostgresError(
                .query,
                "migration \(migration.version) is '\(name)' in the database, but"
                    + " '\(migration.name)' in this program")
        }
    }

    /// The names of the applied migrations by version; none where the table is missing.
    private static func applied(_ transaction: PostgresTransaction) throws -> [Int: String] {
        let table = Statement("SELECT to_regclass('schema_migrations') IS NOT NULL")
        guard try transaction.execute(table)[0].boolean(0) else { return [:] }
        let rows = try transaction.execute(
            Statement("SELECT version, name FROM schema_migrations"))
        return try Dictionary(
            uniqueKeysWithValues: rows.map { (try $0.integer(0), try $0.text(1)) })
    }
}
