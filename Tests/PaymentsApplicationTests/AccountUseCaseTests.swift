import JSON
import Messaging
import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

struct AccountUseCaseTests {
    private let outbox = InMemoryOutbox()
    private let accounts: InMemoryAccountRepository

    init() { accounts = InMemoryAccountRepository(outbox: outbox) }

    private var view: ViewAccounts { ViewAccounts(accounts: accounts) }

    private func open(_ user: String, with amount: String? = nil) async throws -> UserID {
        let user = try UserID(user)
        _ = try await OpenAccount(accounts: accounts)(user)
        if let amount {
            _ = try await Deposit(accounts: accounts)(try Amount(decimal: amount), to: user)
        }
        return user
    }

    @Test func `an account opens empty, once, and a second opening leaves its balance`()
        async throws
    {
        let user = try UserID("ada")
        let opened = try #require(try await OpenAccount(accounts: accounts)(user).answer)
        #expect(opened?.balance == .zero)
        _ = try await Deposit(accounts: accounts)(try Amount(decimal: "100.50"), to: user)
        #expect(try await OpenAccount(accounts: accounts)(user) == .first(nil))
        #expect(try await view.account(of: user)?.balance == Money(minorUnits: 10_050))
    }

    @Test func `a deposit to nobody is nil and leaves no trace`() async throws {
        let nobody = try UserID("nobody")
        #expect(try await Deposit(accounts: accounts)(.least, to: nobody) == .first(nil))
        #expect(try await view.account(of: nobody) == nil)
        #expect(try await view.transfers(of: nobody, PageRequest()) == nil)
    }

    @Test func `orders are charged, refused, repeated and contradicted in one batch`()
        async throws
    {
        _ = try await open("ada", with: "10.00")
        let requests = try [
            (1, "ada", "6.00"), (2, "ada", "6.00"), (3, "nobody", "1.00"), (1, "ada", "6.00"),
            (1, "ada", "7.00"),
        ].map { number, user, amount in
            ChargeRequest(
                messageID: nil, order: try orderCreated(number, by: user, amount),
                correlation: .none)
        }
        let entries = try await ChargeOrders(accounts: accounts)(requests)
        let outcomes = zip(
            requests, [.paid, .failed(.insufficientFunds), .failed(.accountNotFound)]
        ).map { request, verdict in
            PaymentOutcome(
                orderID: request.order.orderID, userID: request.order.userID,
                amount: request.order.amount, verdict: verdict)
        }
        #expect(
            entries == outcomes.map { .decided($0) } + [
                .repeated(outcomes[0]),
                .contradicts("order was decided for another user or amount"),
            ])
        #expect(try await view.account(of: try UserID("ada"))?.balance == Money(minorUnits: 400))
        #expect(
            Set(outbox.messages.map(\.payload)) == Set(outcomes.map { $0.json.encoded }),
            "one message for each order")
    }

    @Test func `a message without an id is known by its order`() async throws {
        let order = try orderCreated(1, by: "ada", "1.00")
        let request = ChargeRequest(messageID: nil, order: order, correlation: .none)
        #expect(request.messageID == MessageID(announcing: order.orderID))
    }

    @Test(arguments: [(0, 3), (1, 3), (3, 3), (7, 3), (5, 1), (4, 1_000)])
    func `paging to the end meets every account once, newest first`(
        count: Int, limit: Int
    ) async throws {
        var opened: [UserID] = []
        for number in 0..<count { opened.append(try await open("user \(number)")) }
        var met: [UserID] = []
        var page: PageRequest? = PageRequest(limit: limit)
        while let request = page {
            let accounts = try await view.list(request)
            met += accounts.elements.map(\.userID)
            page = accounts.next
            try #require(met.count <= count, "paging must end")
        }
        #expect(met == opened.reversed())
    }

    @Test func `paging to the end meets every transfer once, newest first`() async throws {
        let user = try await open("ada")
        for cents in 1...7 {
            _ = try await Deposit(accounts: accounts)(
                try Amount(Money(minorUnits: Int64(cents))), to: user)
        }
        _ = try await open("bob", with: "5.00")
        var met: [Int64] = []
        var page: PageRequest? = PageRequest(limit: 3)
        while let request = page {
            let transfers = try #require(try await view.transfers(of: user, request))
            met += transfers.elements.map(\.amount.money.minorUnits)
            page = transfers.next
            try #require(met.count <= 7, "paging must end")
        }
        #expect(met == [7, 6, 5, 4, 3, 2, 1])
    }
}
