import Messaging
import OrdersApplication
import OrdersDomain
import OrdersInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import TestSupport
import Testing

/// What only a database can get wrong.
@Suite(.timeLimit(.minutes(2)))
struct PostgresOrderRepositoryTests {
    @Test func `a commit that fills the outbox rings`() async throws {
        let bell = WakeSignal()
        let orders = PostgresOrderRepository(pool: try await orderDatabase(), outboxFilled: bell)
        _ = try await orders.add(try orderRequest(), as: try orderID(1), correlation: .none)
        #expect(await bell.wait(atMost: .zero, clock: ManualClock()))
    }

    @Test func `one order that the database refuses costs those beside it nothing`()
        async throws
    {
        let pool = try await orderDatabase()
        try await pool.script("ALTER TABLE orders ADD CHECK (user_id <> 'eve')")
        let orders = PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        _ = try await orders.add(
                            try orderRequest(by: number % 10 == 7 ? "eve" : "ada"),
                            as: try orderID(number), correlation: .none)
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 4)
        #expect(try await orders.list(OrderQuery()).count == 36)
    }

    @Test func `an order that another transaction is about to commit is found, not missed`()
        async throws
    {
        // So it is when a connection is lost and its statement runs again beside the first.
        let pool = try await orderDatabase()
        let orders = PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        let id = try orderID(1)
        let adding = try await pool.held { transaction in
            try await transaction.execute(
                Statement(
                    """
                    INSERT INTO orders (order_id, user_id, amount, description)
                    VALUES ($1::uuid, 'ada', 100, 'tea')
                    """, id.description))
            let adding = Task {
                try await orders.add(try orderRequest(), as: id, correlation: .none)
            }
            try await untilSomebodyWaitsForALock(pool)
            return adding
        }
        #expect(try await adding.value == orders.find(id))
    }

    private func untilSomebodyWaitsForALock(_ pool: PostgresPool) async throws {
        try await eventually {
            try await pool.execute(
                Statement("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            ).isEmpty == false
        }
    }

    @Test func `a sum beyond 64 bits keeps no order from being placed`() async throws {
        let pool = try await orderDatabase()
        let orders = PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        try await pool.script(
            "UPDATE order_counts SET placed_amount = 9223372036854775807 WHERE shard = 3")
        _ = try await orders.add(
            try orderRequest(by: "ada", "9999999999.99"), as: try orderID(1), correlation: .none)
        #expect(
            try await orders.summary().pending.amount.minorUnits
                == 9_223_372_036_854_775_807 + 999_999_999_999)
    }

    @Test func `migrations are applied once, and again in vain`() async throws {
        let pool = try await orderDatabase()
        try await Migrator(OrderMigrations.all, lockKey: OrderMigrations.lockKey).run(on: pool)
        let rows = try await pool.execute(Statement("SELECT count(*) FROM schema_migrations"))
        #expect(try rows.first?.integer(0) == OrderMigrations.all.count)
    }

    @Test(arguments: [
        "INSERT INTO orders VALUES (gen_random_uuid(), 'ada', 0, '')",
        "INSERT INTO orders VALUES (gen_random_uuid(), 'ada', -1, '')",
        "INSERT INTO orders VALUES (gen_random_uuid(), 'ada', 1000000000000, '')",
        "INSERT INTO orders VALUES (gen_random_uuid(), '', 1, '')",
        "INSERT INTO orders VALUES (gen_random_uuid(), 'ada', 1, '', 'SETTLED')",
        "INSERT INTO orders VALUES (gen_random_uuid(), 'ada', 1, '', 'PAID', 'no funds')",
    ])
    func `the schema itself refuses an order that cannot be`(sql: String) async throws {
        let pool = try await orderDatabase(size: 1)
        let error = await #expect(throws: PostgresError.self) { try await pool.script(sql) }
        #expect(error?.code == .checkViolation)
    }
}
