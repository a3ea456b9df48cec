import Logging
import MessagingLive
import Postgres
import TestSupport

/// A new database with Messaging's tables, and a pool to it.
struct PostgresDatabase {
    let pool: PostgresPool

    init(size: Int = 4) async throws {
        var logger = Logger(label: "messaging-live-tests")
        logger.logLevel = .error
        let url = try await TestStack.shared().freshDatabase()
        var configuration = PostgresConfiguration(url: url, applicationName: "messaging-live-tests")
        // The machine that runs the suites may be slow and busy.
        configuration.connectTimeout = .seconds(60)
        configuration.statementTimeout = .seconds(60)
        configuration.queryDeadline = .seconds(90)
        pool = PostgresPool(
            configuration, size: size, waitLimit: .seconds(60), logger: logger)
        try await pool.script(
            PostgresOutbox.schema + PostgresParking.schema + PostgresParking.schemaOfExcess
                + PostgresParking.schemaOfRepeats + PostgresParking.schemaOfActions
                + PostgresInbox.schema + PostgresInbox.schemaOfRepeats)
    }

    /// How many rows a statement's first column counts.
    func count(_ statement: Statement) async throws -> Int {
        try await pool.execute(statement).first?.integer(0) ?? 0
    }
}
