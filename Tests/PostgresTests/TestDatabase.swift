import Logging
import Postgres
import TestSupport
import Testing

/// A new empty database and a pool to it.
struct TestDatabase {
    let url: String
    let pool: PostgresPool

    init(
        size: Int = 4, waiters: Int = 1_024, waitLimit: Duration = .seconds(60),
        tables: String = "",
        _ configure: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws {
        url = try await TestStack.shared().freshDatabase()
        pool = Self.pool(
            to: url, size: size, waiters: waiters, waitLimit: waitLimit, configure)
        if !tables.isEmpty { try await pool.script(tables) }
    }

    static func pool(
        to url: String, size: Int = 1, waiters: Int = 1_024, waitLimit: Duration = .seconds(60),
        _ configure: (inout PostgresConfiguration) -> Void = { _ in }
    ) -> PostgresPool {
        var configuration = PostgresConfiguration(url: url, applicationName: "postgres-tests")
        // The machine that runs the suites is slow; a test that is about a timeout sets its own.
        configuration.connectTimeout = .seconds(60)
        configuration.statementTimeout = .seconds(60)
        configuration.lockTimeout = .seconds(60)
        configuration.queryDeadline = .seconds(90)
        configure(&configuration)
        var logger = Logger(label: "postgres-tests")
        logger.logLevel = .error
        return PostgresPool(
            configuration, size: size, waiters: waiters, waitLimit: waitLimit, logger: logger)
    }
}

extension PostgresPool {
    /// The first column of the first row, as a whole number.
    func number(_ statement: Statement) async throws -> Int {
        let rows = try await execute(statement)
        return try (try #require(rows.first)).integer(0)
    }

    /// The server process behind the connection that answers.
    func backend() async throws -> Int { try await number(Statement("SELECT pg_backend_pid()")) }
}

/// The code of the `PostgresError` that `work` throws; nil when it throws none.
func code<R>(of work: () async throws -> R) async -> PostgresError.Code? {
    do {
        _ = try await work()
        return nil
    } catch let error as PostgresError {
        return error.code
    } catch {
        Issue.record("not a PostgresError: \(error)")
        return nil
    }
}
