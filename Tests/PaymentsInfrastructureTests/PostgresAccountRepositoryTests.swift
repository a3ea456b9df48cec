import Messaging
import PaymentsApplication
import PaymentsDomain
import PaymentsInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import TestSupport
import Testing

/// What only a database can get wrong.
@Suite(.timeLimit(.minutes(2)))
struct PostgresAccountRepositoryTests {
    @Test func `a deposit beyond what the ledger holds is refused and leaves no trace`()
        async throws
    {
        let pool = try await accountDatabase()
        let accounts = PostgresAccountRepository(pool: pool, outboxFilled: WakeSignal())
        let ada = try UserID("ada")
        _ = try await accounts.open(ada)
        try await pool.script("UPDATE accounts SET balance = 999999999999999998")
        #expect(
            try await accounts.deposit(.least, to: ada)?.balance.minorUnits
                == 999_999_999_999_999_999)
        await #expect(throws: BalanceLimitReached.self) {
            try await accounts.deposit(.least, to: ada)
        }
        #expect(try await accounts.transfers(of: ada, PageRequest())?.count == 1)
    }

    @Test func `a charge that commits rings, a repeat too, for it is told again`() async throws {
        let bell = WakeSignal()
        let accounts = PostgresAccountRepository(
            pool: try await accountDatabase(), outboxFilled: bell)
        for _ in 0..<2 {
            _ = try await accounts.charge([try request(1)]) { $1.charge($0) }
            #expect(await bell.wait(atMost: .zero, clock: ManualClock()))
        }
    }

    @Test func `the ledger itself refuses a second charge of an order`() async throws {
        let pool = try await accountDatabase()
        let charge = """
            INSERT INTO transfers (transfer_id, debit_account, credit_account, amount, order_id)
            VALUES (gen_random_uuid(), 1, -1, 1, '00000000-0000-7000-8000-000000000001')
            """
        try await pool.script(charge)
        let error = await #expect(throws: PostgresError.self) { try await pool.script(charge) }
        #expect(error?.constraint == "transfers_one_per_order")
    }

    @Test(arguments: [
        "INSERT INTO accounts (user_id, balance) VALUES ('ada', -1)",
        "INSERT INTO accounts (user_id) VALUES ('')",
        """
        INSERT INTO transfers (transfer_id, debit_account, credit_account, amount)
        VALUES (gen_random_uuid(), 0, 1, 0)
        """,
        """
        INSERT INTO transfers (transfer_id, debit_account, credit_account, amount)
        VALUES (gen_random_uuid(), 1, 2, 1)
        """,
        """
        INSERT INTO transfers (transfer_id, debit_account, credit_account, amount, order_id)
        VALUES (gen_random_uuid(), 0, 1, 1, gen_random_uuid())
        """,
    ])
    func `the schema itself refuses what would make or lose money`(sql: String) async throws {
        let pool = try await accountDatabase(size: 1)
        let error = await #expect(throws: PostgresError.self) { try await pool.script(sql) }
        #expect(error?.code == .checkViolation)
    }

    @Test func `migrations are applied once, and again in vain`() async throws {
        let pool = try await accountDatabase()
        try await Migrator(PaymentMigrations.all, lockKey: PaymentMigrations.lockKey)
            .run(on: pool)
        let rows = try await pool.execute(Statement("SELECT count(*) FROM schema_migrations"))
        #expect(try rows.first?.integer(0) == PaymentMigrations.all.count)
    }
}

extension PostgresAccountRepositoryTests {
    @Test func `an order that another transaction is just deciding is answered as it decides`()
        async throws
    {
        // No account is locked for a user who has none: only the outcome's key stands between them.
        let pool = try await accountDatabase()
        let accounts = PostgresAccountRepository(pool: pool, outboxFilled: WakeSignal())
        let charge = try request(1, by: "nobody", message: 1)
        let charging = try await pool.held { transaction in
            try await transaction.execute(
                Statement(
                    """
                    INSERT INTO outcomes (order_id, user_id, amount, is_paid, reason, message_id)
                    VALUES ($1::uuid, 'nobody', 100, false, 'account_not_found', $2::uuid)
                    """, charge.order.orderID.description, try messageID(7).description))
            let charging = Task { try await accounts.charge([charge]) { $1.charge($0) } }
            try await eventually {
                try await pool.execute(
                    Statement(
                        "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
                ).isEmpty == false
            }
            return charging
        }
        #expect(
            try await charging.value == [.repeated(charge.outcome(.failed(.accountNotFound)))])
    }
}
