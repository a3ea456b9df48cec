import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

/// What a repository of accounts must be, whatever it is made of: opening, deposits, lists.
@Suite(.timeLimit(.minutes(2)))
struct AccountConformanceTests {
    @Test(arguments: AccountWorld.Kind.allCases)
    func `an account opens empty, and a second opening keeps the balance`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try UserID("ada")
        let opened = try #require(try await world.accounts.open(ada))
        #expect(opened.userID == ada)
        #expect(opened.balance == .zero)
        _ = try await world.accounts.deposit(try Amount(decimal: "100.50"), to: ada)
        #expect(try await world.accounts.open(ada) == nil)
        let found = try await world.accounts.find(ada)
        #expect(found?.balance == Money(minorUnits: 10_050))
        #expect(found?.number == opened.number)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `of twenty who open the same account at once one opens it`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let opened = try await withThrowingTaskGroup(of: Account?.self) { group in
            for _ in 0..<20 { group.addTask { try await world.accounts.open(try UserID("ada")) } }
            return try await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
        }
        #expect(opened.count == 1)
        #expect(try await world.accounts.list(PageRequest()).count == 1)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `twenty deposits of one at once add twenty`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada")
        let balances = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await world.accounts.deposit(try Amount(decimal: "1"), to: ada)?
                        .balance.minorUnits
                }
            }
            return try await group.reduce(into: Set<Int64>()) {
                $0.formUnion([$1].compactMap { $0 })
            }
        }
        #expect(try await world.cents(of: "ada") == 2_000)
        #expect(balances == Set((1...20).map { Int64($0) * 100 }), "each caller saw its own")
        let (transfers, isBalanced) = try await world.audit([ada])
        #expect(transfers.count == 20)
        #expect(isBalanced)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a deposit to nobody is nil and leaves no trace`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        let nobody = try UserID("nobody")
        #expect(try await world.accounts.deposit(.least, to: nobody) == nil)
        #expect(try await world.accounts.find(nobody) == nil)
        #expect(try await world.accounts.transfers(of: nobody, PageRequest()) == nil)
        #expect(try await world.accounts.list(PageRequest()).isEmpty)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `the least and the greatest deposit are exact`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 1)
        #expect(try await world.cents(of: "ada") == 1)
        let richer = try await world.accounts.deposit(.greatest, to: ada)
        #expect(richer?.balance.description == "10000000000.00")
        let transfers = try await world.accounts.transfers(of: ada, PageRequest())
        #expect(transfers?.map(\.amount.description) == ["9999999999.99", "0.01"])
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `transfers are the user's own, newest first, deposits and charges`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada")
        let bob = try await world.open("bob", cents: 500)
        for cents: Int64 in 1...5 {
            _ = try await world.accounts.deposit(
                try Amount(Money(minorUnits: cents * 100)), to: ada)
        }
        _ = try await world.charge(try request(1, by: "ada", "2.50"))
        let transfers = try #require(
            try await world.accounts.transfers(of: ada, PageRequest(limit: 4)))
        #expect(
            transfers.map(\.cause) == [
                .charge(try orderID(1)), .deposit, .deposit, .deposit,
            ])
        #expect(transfers.map(\.amount.description) == ["2.50", "5.00", "4.00", "3.00"])
        #expect(transfers.allSatisfy { $0.userID == ada })
        let age = Timestamp.now.microseconds - (transfers.first?.createdAt.microseconds ?? 0)
        #expect(abs(age) < 60_000_000)
        let older = try await world.accounts.transfers(
            of: ada, PageRequest(before: transfers.last?.id, limit: 4))
        #expect(older?.map(\.amount.description) == ["2.00", "1.00"])
        #expect(try await world.accounts.transfers(of: bob, PageRequest())?.count == 1)
        let eve = try await world.open("eve")
        #expect(try await world.accounts.transfers(of: eve, PageRequest()) == [])
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `accounts are listed newest first, from anywhere`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        for number in 1...5 { try await world.open("user \(number)", cents: Int64(number)) }
        func list(_ page: PageRequest) async throws -> [String] {
            try await world.accounts.list(page).map(\.userID.text)
        }
        #expect(
            try await list(PageRequest()) == ["user 5", "user 4", "user 3", "user 2", "user 1"])
        #expect(try await list(PageRequest(limit: 2)) == ["user 5", "user 4"])
        #expect(try await list(PageRequest(before: "user 4", limit: 2)) == ["user 3", "user 2"])
        #expect(try await list(PageRequest(before: "user 1")) == [])
        #expect(try await list(PageRequest(before: "nobody")) == [])
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `any name is an account of its own, byte by byte`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        for (number, text) in nastyTexts.enumerated() {
            try await world.open(text, cents: Int64(number + 1))
        }
        for (number, text) in nastyTexts.enumerated() {
            #expect(try await world.cents(of: text) == Int64(number + 1))
            let entries = try await world.charge(try request(number, by: text, "0.01"))
            #expect(entries == [.decided(try request(number, by: text, "0.01").outcome(.paid))])
            #expect(try await world.cents(of: text) == Int64(number))
        }
        #expect(try await world.accounts.list(PageRequest()).count == nastyTexts.count)
    }
}
