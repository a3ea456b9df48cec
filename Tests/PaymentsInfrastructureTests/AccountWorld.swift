import Messaging
import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles

/// A repository with the outbox that it fills, and a way to break that.
struct AccountWorld: Sendable {
    /// The double and the real thing.
    enum Kind: CaseIterable {
        case inMemory, postgres

        func make() async throws -> AccountWorld {
            switch self {
            case .inMemory: .inMemory()
            case .postgres: try await .postgres()
            }
        }
    }

    let accounts: any AccountRepository
    let ledger: any LedgerAudit
    let traces: any ChargeTraces
    let parking: any Parking
    let outbox: any Outbox
    /// Who decides in it.
    static let instance = InstanceName(host: "world", process: 1)
    private let breakOutbox: @Sendable (Bool) async throws -> Void

    init(
        accounts: any AccountRepository, ledger: any LedgerAudit, traces: any ChargeTraces,
        parking: any Parking, outbox: any Outbox,
        breakOutbox: @escaping @Sendable (Bool) async throws -> Void
    ) {
        self.accounts = accounts
        self.ledger = ledger
        self.traces = traces
        self.parking = parking
        self.outbox = outbox
        self.breakOutbox = breakOutbox
    }

    private static func inMemory() -> AccountWorld {
        let outbox = InMemoryOutbox()
        let accounts = InMemoryAccountRepository(outbox: outbox, instance: instance)
        let parked = InMemoryParkedMessages()
        return AccountWorld(
            accounts: accounts, ledger: accounts,
            traces: InMemoryChargeTraces(accounts: accounts, parked: parked), parking: parked,
            outbox: outbox
        ) {
            if $0 { outbox.appendFaults.fail() }
        }
    }

    /// Has every insert into the outbox fail from now on, or work again.
    func setOutboxBroken(_ isBroken: Bool) async throws { try await breakOutbox(isBroken) }

    /// Takes what waits in the outbox.
    func takeMessages() async throws -> [OutboxMessage] {
        var taken: [OutboxMessage] = []
        _ = try await outbox.relay(upTo: 10_000) { messages in
            taken = messages
            return messages.map { _ in .delete }
        }
        return taken
    }

    /// Opens an account with so many cents in it.
    @discardableResult
    func open(_ user: String, cents: Int64 = 0) async throws -> UserID {
        let user = try UserID(user)
        _ = try await accounts.open(user)
        if cents > 0 {
            _ = try await accounts.deposit(try Amount(Money(minorUnits: cents)), to: user)
        }
        return user
    }

    func cents(of user: String) async throws -> Int64? {
        try await accounts.find(try UserID(user))?.balance.minorUnits
    }

    func charge(_ requests: ChargeRequest...) async throws -> [ChargeBook.Entry] {
        try await charge(requests)
    }

    func charge(_ requests: [ChargeRequest]) async throws -> [ChargeBook.Entry] {
        try await accounts.charge(requests) { order, book in book.charge(order) }
    }

    /// Every transfer of the users, and whether their sums are the balances.
    func audit(_ users: [UserID]) async throws -> (transfers: [Transfer], isBalanced: Bool) {
        var all: [Transfer] = []
        var isBalanced = true
        for user in users {
            let transfers = try await accounts.transfers(of: user, PageRequest(limit: 10_000)) ?? []
            let sum = transfers.reduce(Int64(0)) { sum, transfer in
                let cents = transfer.amount.money.minorUnits
                return transfer.cause == .deposit ? sum + cents : sum - cents
            }
            let balance = try await accounts.find(user)?.balance.minorUnits ?? 0
            isBalanced = isBalanced && sum == balance && balance >= 0
            all += transfers
        }
        return (all, isBalanced)
    }
}

/// A request to charge order `number`, by a message of another number.
func request(
    _ number: Int, by user: String = "ada", _ amount: String = "1.00", message: Int? = nil,
    correlation: Correlation = .none, publication: Publication = .unknown
) throws -> ChargeRequest {
    ChargeRequest(
        messageID: try message.map { try messageID($0) },
        order: try orderCreated(number, by: user, amount), correlation: correlation,
        publication: publication)
}

extension ChargeRequest {
    /// What became of it, by this verdict.
    func outcome(_ verdict: PaymentOutcome.Verdict) -> PaymentOutcome {
        PaymentOutcome(
            orderID: order.orderID, userID: order.userID, amount: order.amount, verdict: verdict)
    }
}
