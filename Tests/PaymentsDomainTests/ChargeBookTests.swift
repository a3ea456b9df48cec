import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

struct ChargeBookTests {
    private func account(_ user: String, _ number: Int64 = 1, cents: Int64) throws -> Account {
        Account(number: number, userID: try UserID(user), balance: Money(minorUnits: cents))
    }

    private func outcome(
        of order: OrderCreated, _ verdict: PaymentOutcome.Verdict
    ) -> PaymentOutcome {
        PaymentOutcome(
            orderID: order.orderID, userID: order.userID, amount: order.amount, verdict: verdict)
    }

    private let contradiction = ChargeBook.Entry.contradicts(
        "order was decided for another user or amount")

    @Test(
        arguments: [
            (1_000, PaymentOutcome.Verdict.paid, 0), (1_001, .paid, 1),
            (999, .failed(.insufficientFunds), 999), (nil, .failed(.accountNotFound), nil),
        ] as [(Int64?, PaymentOutcome.Verdict, Int64?)])
    func `an order is decided by what the account holds`(
        cents: Int64?, verdict: PaymentOutcome.Verdict, rest: Int64?
    ) throws {
        let accounts = try cents.map { [try account("ada", cents: $0)] } ?? []
        var book = ChargeBook(accounts: accounts, outcomes: [])
        let order = try orderCreated(1, by: "ada", "10.00")
        #expect(book.charge(order) == .decided(outcome(of: order, verdict)))
        let changed = verdict == .paid ? rest : nil
        #expect(book.changedAccounts.map(\.balance.minorUnits) == (changed.map { [$0] } ?? []))
    }

    @Test func `the same order twice is charged once and answered twice`() throws {
        var book = ChargeBook(accounts: [try account("ada", cents: 5_000)], outcomes: [])
        let order = try orderCreated(1, by: "ada", "10.00")
        let paid = outcome(of: order, .paid)
        #expect(book.charge(order) == .decided(paid))
        for _ in 0..<50 { #expect(book.charge(order) == .repeated(paid)) }
        #expect(book.changedAccounts.map(\.balance) == [Money(minorUnits: 4_000)])
    }

    @Test(arguments: [
        PaymentOutcome.Verdict.paid, .failed(.insufficientFunds), .failed(.accountNotFound),
        .failed(nil),
    ])
    func `what was decided before is told again, whatever the account holds now`(
        verdict: PaymentOutcome.Verdict
    ) throws {
        let order = try orderCreated(1, by: "ada", "10.00")
        let earlier = outcome(of: order, verdict)
        for accounts in [[], [try account("ada", cents: 0)], [try account("ada", cents: 5_000)]] {
            var book = ChargeBook(accounts: accounts, outcomes: [earlier])
            #expect(book.charge(order) == .repeated(earlier))
            #expect(book.changedAccounts.isEmpty)
        }
    }

    @Test func `a repeat with another user or amount contradicts, and nothing is charged`() throws {
        var book = ChargeBook(
            accounts: [
                try account("ada", 1, cents: 5_000), try account("bob", 2, cents: 5_000),
            ], outcomes: [outcome(of: try orderCreated(1, by: "ada", "10.00"), .paid)])
        #expect(book.charge(try orderCreated(1, by: "bob", "10.00")) == contradiction)
        #expect(book.charge(try orderCreated(1, by: "ada", "10.01")) == contradiction)
        _ = book.charge(try orderCreated(2, by: "ada", "1.00"))
        #expect(book.charge(try orderCreated(2, by: "ada", "2.00")) == contradiction)
        #expect(book.changedAccounts.map(\.balance) == [Money(minorUnits: 4_900)])
    }

    @Test func `orders on one account are charged in order until the money is gone`() throws {
        var book = ChargeBook(accounts: [try account("ada", cents: 2_500)], outcomes: [])
        var verdicts: [PaymentOutcome.Verdict] = []
        for (number, amount) in ["10.00", "10.00", "10.00", "5.00", "0.01"].enumerated() {
            let order = try orderCreated(number, by: "ada", amount)
            guard case .decided(let outcome) = book.charge(order) else { continue }
            verdicts.append(outcome.verdict)
        }
        #expect(
            verdicts == [
                .paid, .paid, .failed(.insufficientFunds), .paid, .failed(.insufficientFunds),
            ])
        #expect(book.changedAccounts.map(\.balance) == [.zero])
    }

    @Test func `only accounts that were charged have changed, in the order of users`() throws {
        let users = ["zoe", "ada", "mia", "bob"]
        var book = ChargeBook(
            accounts: try users.enumerated().map {
                try account($0.element, Int64($0.offset + 1), cents: 100)
            }, outcomes: [])
        _ = book.charge(try orderCreated(1, by: "zoe", "1.00"))
        _ = book.charge(try orderCreated(2, by: "mia", "9.00"))
        _ = book.charge(try orderCreated(3, by: "ada", "0.50"))
        #expect(book.changedAccounts.map(\.userID.text) == ["ada", "zoe"])
        #expect(book.changedAccounts.map(\.number) == [2, 1])
    }

    @Test func `users whose names only look the same have accounts of their own`() throws {
        var book = ChargeBook(
            accounts: [
                try account("e\u{301}", 1, cents: 100), try account("\u{E9}", 2, cents: 100),
            ], outcomes: [])
        _ = book.charge(try orderCreated(1, by: "\u{E9}", "1.00"))
        #expect(book.changedAccounts.map(\.number) == [2])
    }
}
