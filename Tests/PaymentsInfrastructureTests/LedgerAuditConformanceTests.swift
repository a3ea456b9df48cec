import PaymentsApplication
import PaymentsDomain
import PaymentsInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import Testing

/// What every ``LedgerAudit`` shows.
@Suite(.timeLimit(.minutes(3)))
struct LedgerAuditConformanceTests {
    private static let past = Timestamp(microseconds: Timestamp.now.microseconds - 60_000_000)
    private static let future = Timestamp(microseconds: Timestamp.now.microseconds + 600_000_000)

    @Test(arguments: AccountWorld.Kind.allCases)
    func `charges come with their decisions and debits, page by page`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await world.open("ada", cents: 250)
        for number in 1...5 {
            _ = try await world.charge(
                try request(number, by: number == 3 ? "eve" : "ada", "1.00"))
        }
        var (rows, before): ([ChargeAuditRow], OrderID?) = ([], nil)
        repeat {
            let page = try await world.ledger.auditCharges(before: before, limit: 2)
            before = page.last?.orderID
            rows += page
        } while before != nil
        #expect(rows.map(\.orderID) == (try (1...5).reversed().map { try orderID($0) }))
        #expect(rows.map(\.decision?.isPaid) == [false, false, false, true, true])
        #expect(rows.map(\.decision?.userID) == ["ada", "ada", "eve", "ada", "ada"])
        #expect(rows.map(\.debits?.count) == [nil, nil, nil, 1, 1])
        #expect(rows.last?.debits?.amount.minorUnits == 100)
        #expect(rows.last?.debits?.userID == "ada")
        #expect(try await world.ledger.auditCharge(of: try orderID(2)) == rows[3])
        #expect(try await world.ledger.auditCharge(of: try orderID(9)) == nil)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `movements are in one part or in the other, and the parts come to the balance`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for (user, cents) in [("ada", 500), ("bob", 700), ("eve", 0)] as [(String, Int64)] {
            try await world.open(user, cents: cents)
        }
        for number in 1...4 {
            _ = try await world.charge(
                try request(number, by: number % 2 == 0 ? "ada" : "bob", "1.00"))
        }
        for (since, isRecent) in [(Self.past, true), (Self.future, false)] {
            let accounts = try await world.ledger.auditAccounts(
                after: 0, limit: 10, movementsSince: since)
            #expect(accounts.map(\.userID) == ["ada", "bob", "eve"])
            #expect(accounts.map(\.balance.minorUnits) == [300, 500, 0])
            #expect(
                accounts.map(\.recent.deposited.minorUnits)
                    == (isRecent ? [500, 700, 0] : [0, 0, 0]))
            let old = try await movements(world, until: since, limit: 2)
            #expect(old.values.isEmpty == isRecent)
            for account in accounts {
                let rest = old[account.number] ?? MovementSums()
                let sum =
                    account.recent.deposited + rest.deposited - account.recent.charged
                    - rest.charged
                #expect(sum.minorUnits == Int128(account.balance.minorUnits))
            }
        }
        let second = try await world.ledger.auditAccounts(
            after: 1, limit: 1, movementsSince: Self.past)
        #expect(second.map(\.userID) == ["bob"])
    }

    private func movements(
        _ world: AccountWorld, until: Timestamp, limit: Int
    ) async throws -> [Int64: MovementSums] {
        var sums: [Int64: MovementSums] = [:]
        var place: LedgerPlace? = LedgerPlace(account: 0, transfer: nil)
        while let begin = place {
            let page = try await world.ledger.auditMovements(
                after: begin, through: .max, until: until, limit: limit)
            for (account, more) in page.sums {
                let known = sums[account] ?? MovementSums()
                sums[account] = MovementSums(
                    deposited: known.deposited + more.deposited,
                    charged: known.charged + more.charged)
            }
            place = page.next
        }
        return sums
    }

    @Test func `a debit without a decision, twice, and of nobody's account is shown as it is`()
        async throws
    {
        let pool = try await accountDatabase()
        try await pool.script(
            """
            ALTER TABLE transfers DROP CONSTRAINT transfers_one_per_order;
            INSERT INTO transfers (transfer_id, debit_account, credit_account, amount, order_id)
                SELECT gen_random_uuid(), 7, -1, 100, '\(try orderID(1))'
                FROM generate_series(1, 2);
            """)
        let ledger = PostgresLedgerAudit(pool: pool)
        let rows = try await ledger.auditCharges(before: nil, limit: 10)
        #expect(
            rows == [
                ChargeAuditRow(
                    orderID: try orderID(1), decision: nil,
                    debits: .init(count: 2, amount: MoneyTotal(minorUnits: 200), userID: nil))
            ])
    }
}
