import Logging
import Messaging
import MessagingLive
import OrdersInfrastructure
import Postgres
import TestSupport

extension OrderWorld {
    /// PostgreSQL with the migrated schema of Orders.
    static func postgres() async throws -> OrderWorld {
        let pool = try await orderDatabase()
        return OrderWorld(
            orders: PostgresOrderRepository(
                pool: pool, outboxFilled: WakeSignal(), instance: instance),
            pending: PostgresPendingOrders(pool: pool, outboxFilled: WakeSignal()),
            audit: PostgresOrderAudit(pool: pool), traces: PostgresOrderTraces(pool: pool),
            parking: PostgresParking(pool: pool), outbox: PostgresOutbox(pool: pool),
            pass: { time in
                try await pool.script(
                    """
                    UPDATE pending_orders SET waits_from = waits_from
                        - \(time.components.seconds) * interval '1 second'
                    """)
            }
        ) { isBroken in
            try await pool.script(
                isBroken
                    ? "ALTER TABLE outbox ADD CONSTRAINT broken CHECK (false) NOT VALID"
                    : "ALTER TABLE outbox DROP CONSTRAINT broken")
        }
    }
}

/// A new database of Orders.
func orderDatabase(size: Int = 6) async throws -> PostgresPool {
    var logger = Logger(label: "orders-infrastructure-tests")
    logger.logLevel = .error
    let url = try await TestStack.shared().freshDatabase()
    var configuration = PostgresConfiguration(url: url, applicationName: "orders-tests")
    // The machine that runs the suites may be slow and busy.
    configuration.connectTimeout = .seconds(60)
    configuration.statementTimeout = .seconds(60)
    configuration.queryDeadline = .seconds(90)
    let pool = PostgresPool(
        configuration, size: size, waitLimit: .seconds(60), logger: logger)
    try await Migrator(OrderMigrations.all, lockKey: OrderMigrations.lockKey).run(on: pool)
    return pool
}
