import Idempotency
import Messaging
import PaymentsApplication
import PaymentsDomain
import PaymentsInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import Testing

/// What a repository of accounts must make of keys, whatever it is made of.
@Suite(.timeLimit(.minutes(2)))
struct AccountClaimTests {
    private static func key(_ text: String = "k") throws -> IdempotencyKey {
        try IdempotencyKey(text, of: "till")
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a deposit is made once, and each repeat tells the balance of then`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 100)
        let deposit = Deposit(accounts: world.accounts)
        let amount = try Amount(decimal: "2.50")
        let first = try await deposit(amount, to: ada, under: Self.key())
        #expect(first == .first(try await world.accounts.find(ada)))
        _ = try await deposit(amount, to: ada)
        for _ in 0..<3 {
            let again = try await deposit(amount, to: ada, under: Self.key())
            #expect(again == .replayed(first.answer ?? nil))
        }
        #expect(try await world.cents(of: "ada") == 600)
        #expect(try await world.audit([ada]).transfers.count == 3)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `another deposit, or another operation, under the same key is refused`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let (ada, bob) = (try await world.open("ada"), try await world.open("bob"))
        let deposit = Deposit(accounts: world.accounts)
        let one = try Amount(decimal: "1")
        _ = try await deposit(one, to: ada, under: Self.key())
        #expect(
            try await deposit(Amount(decimal: "2"), to: ada, under: Self.key()) == .keyReused)
        #expect(try await deposit(one, to: bob, under: Self.key()) == .keyReused)
        let open = OpenAccount(accounts: world.accounts)
        #expect(try await open(UserID("eve"), under: Self.key()) == .keyReused)
        #expect(try await world.cents(of: "ada") == 100)
        #expect(try await world.cents(of: "bob") == 0)
        #expect(try await world.cents(of: "eve") == nil)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an account is opened once, and the repeat has the empty account of then`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try UserID("ada")
        let open = OpenAccount(accounts: world.accounts)
        let first = try await open(ada, under: Self.key())
        _ = try await world.accounts.deposit(try Amount(decimal: "1"), to: ada)
        #expect(try await open(ada, under: Self.key()) == .replayed(first.answer ?? nil))
        #expect((first.answer ?? nil)?.balance == .zero)
        #expect(try await open(ada, under: Self.key("l")) == .first(nil), "it exists")
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `what the books refuse is an answer too, and stays the same`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try UserID("ada")
        let deposit = Deposit(accounts: world.accounts)
        let open = OpenAccount(accounts: world.accounts)
        let amount = try Amount(decimal: "1")
        #expect(try await deposit(amount, to: ada, under: Self.key()) == .first(nil))
        try await world.open("ada")
        #expect(try await deposit(amount, to: ada, under: Self.key()) == .replayed(nil))
        #expect(try await open(ada, under: Self.key("l")) == .first(nil))
        #expect(try await open(ada, under: Self.key("l")) == .replayed(nil))
        #expect(try await world.cents(of: "ada") == 0)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `forty deposits at once under ten keys are ten deposits`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada")
        let deposit = Deposit(accounts: world.accounts)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let key = try Self.key("k-\(number / 4)")
                    let amount = try Amount(decimal: "\(number / 4 + 1)")
                    _ = try await Self.untilAnswered {
                        try await deposit(amount, to: ada, under: key)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await world.cents(of: "ada") == 5_500)
        let (transfers, isBalanced) = try await world.audit([ada])
        #expect(transfers.count == 10)
        #expect(isBalanced)
    }

    /// Comes again after "still under way", as the API asks of its callers.
    private static func untilAnswered<Value>(
        _ call: () async throws -> Value
    ) async throws -> Value {
        while true {
            do { return try await call() } catch is IdempotencyKeyIsBusy {}
        }
    }

    @Test func `the key refuses a second deposit even where the lock does not`() async throws {
        let pool = try await accountDatabase()
        let accounts = PostgresAccountRepository(pool: pool, outboxFilled: WakeSignal())
        let ada = try UserID("ada")
        _ = try await accounts.open(ada)
        try await pool.script(
            """
            INSERT INTO idempotency_keys (key, caller, request_hash, answer)
            VALUES ('k', 'till', sha256('x'), 'null')
            """)
        let repeated = await #expect(throws: PostgresError.self) {
            try await pool.execute(
                Statement(
                    """
                    INSERT INTO idempotency_keys (key, caller, request_hash, answer)
                    VALUES ('k', 'till', sha256('x'), 'null')
                    """))
        }
        #expect(repeated?.code == .uniqueViolation)
        #expect(
            try await Deposit(accounts: accounts)(.least, to: ada, under: Self.key())
                == .keyReused)
    }
}
