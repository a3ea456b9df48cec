import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

struct AccountTests {
    private func account(_ cents: Int64) throws -> Account {
        Account(number: 1, userID: try UserID("ada"), balance: Money(minorUnits: cents))
    }

    @Test(
        arguments: [
            (100, "1.00", 0), (101, "1.00", 1), (99, "1.00", nil), (0, "0.01", nil), (1, "0.01", 0),
            (999_999_999_999, "9999999999.99", 0), (999_999_999_998, "9999999999.99", nil),
        ] as [(Int64, String, Int64?)])
    func `a charge takes all of it or nothing`(cents: Int64, amount: String, rest: Int64?) throws {
        var account = try account(cents)
        #expect(account.charge(try Amount(decimal: amount)) == (rest != nil))
        #expect(account.balance == Money(minorUnits: rest ?? cents))
        #expect(account.number == 1)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `whatever is charged, the balance never falls below zero and nothing is lost`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let start = Int64.random(in: 0...10_000, using: &generator)
        var account = try account(start)
        var taken: Int64 = 0
        for _ in 0..<50 {
            let cents = Int64.random(in: 1...1_000, using: &generator)
            if account.charge(try Amount(Money(minorUnits: cents))) { taken += cents }
            #expect(account.balance >= .zero)
            #expect(account.balance.minorUnits + taken == start)
        }
    }
}

struct TransferTests {
    private func transfer(_ cause: Transfer.Cause) throws -> Transfer {
        Transfer(
            id: "t", userID: try UserID("ada"), amount: .least, cause: cause,
            createdAt: Timestamp(microseconds: 0))
    }

    @Test func `a deposit brings cash and is owed to the customer`() throws {
        let deposit = try transfer(.deposit)
        #expect(deposit.debitAccount == "assets:cash")
        #expect(deposit.creditAccount == "liabilities:customer:ada")
    }

    @Test func `a charge turns what is owed into sales`() throws {
        let charge = try transfer(.charge(try orderID(1)))
        #expect(charge.debitAccount == "liabilities:customer:ada")
        #expect(charge.creditAccount == "revenue:sales")
    }
}
