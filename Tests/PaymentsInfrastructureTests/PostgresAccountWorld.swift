import Logging
import Messaging
import MessagingLive
import PaymentsInfrastructure
import Postgres
import TestSupport

extension AccountWorld {
    /// PostgreSQL with the migrated schema of Payments.
    static func postgres() async throws -> AccountWorld {
        let pool = try await accountDatabase()
        return AccountWorld(
            accounts: PostgresAccountRepository(
                pool: pool, outboxFilled: WakeSignal(), instance: instance),
            ledger: PostgresLedgerAudit(pool: pool), traces: PostgresChargeTraces(pool: pool),
            parking: PostgresParking(pool: pool), outbox: PostgresOutbox(pool: pool)
        ) { isBroken in
            try await pool.script(
                isBroken
                    ? "ALTER TABLE outbox ADD CONSTRAINT broken CHECK (false) NOT VALID"
                    : "ALTER TABLE outbox DROP CONSTRAINT broken")
        }
    }
}

/// A new database of Payments.
func accountDatabase(size: Int = 6) async throws -> PostgresPool {
    var logger = Logger(label: "payments-infrastructure-tests")
    logger.logLevel = .error
    let url = try await TestStack.shared().freshDatabase()
    var configuration = PostgresConfiguration(url: url, applicationName: "payments-tests")
    // The machine that runs the suites may be slow and busy.
    configuration.connectTimeout = .seconds(60)
    configuration.statementTimeout = .seconds(60)
    configuration.queryDeadline = .seconds(90)
    let pool = PostgresPool(
        configuration, size: size, waitLimit: .seconds(60), logger: logger)
    try await Migrator(PaymentMigrations.all, lockKey: PaymentMigrations.lockKey).run(on: pool)
    return pool
}
