import Logging
package import Postgres
import TestSupport

/// Migrations, applied one after the other to an empty database and looked at after each.
package enum SchemaHistory {
    /// What each migration asks of the previous version's program that it cannot know of, by the
    /// migration's place in the list, from 1; migrations that only add have no entry.
    ///
    /// - Parameter migrations: oldest first.
    /// - Throws: `PostgresError` where one cannot be applied.
    package static func findings(
        of migrations: [Migration]
    ) async throws -> [Int: Set<String>] {
        let pool = try await database()
        var findings: [Int: Set<String>] = [:]
        var before = try await facts(of: pool)
        for count in 1...migrations.count {
            try await Migrator(Array(migrations.prefix(count)), lockKey: 1).run(on: pool)
            let after = try await facts(of: pool)
            let found = SchemaStep(before: before, after: after).findings
            findings[count] = found.isEmpty ? nil : Set(found)
            before = after
        }
        return findings
    }

    /// What the steps of the table `parked_messages`, the same in both services, are excused for,
    /// by their places in the list.
    ///
    /// An older program parks with `ON CONFLICT DO NOTHING` or meets the trigger, so what must be
    /// unique refuses it nothing; and nobody deletes a parked message.
    package static func excused(
        excess: Int, repeats: Int, actions: Int
    ) -> [Int: Set<String>] {
        let table = "parked_messages"
        let named = "(message_id, queue, sha256(body) where message_id IS NOT NULL"
        let unnamed = """
            (COALESCE(sender, ''::text), COALESCE(type, ''::text), md5(headers), queue, \
            sha256(body) where message_id IS NULL AND state = 'parked'::text)
            """
        return [
            excess: ["\(table): \(named)) must be unique"],
            repeats: ["\(table): trigger parked_messages_skip_repeat"],
            actions: [
                "\(table): \(named)) is unique no more",
                "\(table): \(named) AND state = 'parked'::text) must be unique",
                "\(table): \(unnamed) must be unique",
                "\(table): trigger parked_messages_skip_repeat",
                "\(table): parked_actions holds its rows",
            ],
        ]
    }

    private static func facts(of pool: PostgresPool) async throws -> Set<SchemaFact> {
        let rows = try await pool.execute(Statement(SchemaFact.query))
        return Set(
            try rows.compactMap { row in
                SchemaFact(try (0..<7).map { try row.text($0) })
            })
    }

    private static func database() async throws -> PostgresPool {
        var configuration = PostgresConfiguration(
            url: try await TestStack.shared().freshDatabase(), applicationName: "schema-tests")
        // The machine that runs the suites may be slow and busy.
        configuration.connectTimeout = .seconds(60)
        configuration.statementTimeout = .seconds(60)
        configuration.queryDeadline = .seconds(90)
        var logger = Logger(label: "schema-tests")
        logger.logLevel = .error
        return PostgresPool(configuration, size: 1, waitLimit: .seconds(60), logger: logger)
    }
}
