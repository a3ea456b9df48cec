import JSON
package import PaymentsApplication
package import PaymentsDomain
package import SharedKernel
import Messaging
import Synchronization

/// Accounts, ledger and inbox in dictionaries, one lock for each verb.
package final class InMemoryAccountRepository: AccountRepository, Sendable {
    private struct State {
        var accounts: [UserID: Account] = [:]
        var transfers: [Transfer] = []
        var inbox: [MessageID: ChargeTrace.Receipt] = [:]
        var keys = InMemoryKeys<Account?>()
        var outcomes: [OrderID: Decided] = [:]
    }

    private struct Decided {
        let outcome: PaymentOutcome
        let messageID: MessageID
        let at: Timestamp
        let publication: Publication
    }

    private let state = Mutex(State())
    private let ids: UUIDv7Source
    private let outbox: InMemoryOutbox
    private let balanceLimit: Money
    private let instance: InstanceName?
    /// Calls of any verb that are to fail.
    package let faults = FaultScript()

    /// - Parameters:
    ///   - outbox: where outcomes go.
    ///   - ids: makes the ids of transfers and messages.
    ///   - balanceLimit: what an account can hold.
    ///   - instance: who decides.
    package init(
        outbox: InMemoryOutbox = InMemoryOutbox(), ids: UUIDv7Source = UUIDv7Source(),
        balanceLimit: Money = Money(minorUnits: 999_999_999_999_999_999),
        instance: InstanceName? = nil
    ) {
        self.outbox = outbox
        self.instance = instance
        self.ids = ids
        self.balanceLimit = balanceLimit
    }

    /// Every account, as it is now.
    package var accounts: [UserID: Account] { state.withLock(\.accounts) }

    /// Every movement of money so far, oldest first.
    package var ledger: [Transfer] { state.withLock(\.transfers) }

    /// What was decided of each order.
    var decisions: [OrderID: PaymentOutcome] {
        state.withLock { $0.outcomes.mapValues(\.outcome) }
    }

    /// What the inbox and the outcomes know of an order.
    func life(of order: OrderID) -> (ChargeTrace.Receipt?, ChargeTrace.Decision?) {
        let waiting = outbox.messages
        return state.withLock { state in
            let decision = state.outcomes[order].map { decided in
                ChargeTrace.Decision(
                    outcome: decided.outcome, at: decided.at, decidedBy: instance,
                    publication: decided.publication,
                    transfer: state.transfers.first { $0.cause == .charge(order) }?.id,
                    refusals: waiting.first { $0.id == decided.messageID }?.attempts)
            }
            return (state.inbox[MessageID(announcing: order)], decision)
        }
    }

    package func open(
        _ userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        try once(claim) { state in
            guard state.accounts[userID] == nil else { return nil }
            let account = Account(
                number: Int64(state.accounts.count + 1), userID: userID, balance: .zero)
            state.accounts[userID] = account
            return account
        }
    }

    /// Does `work` and keeps what came of it, unless that is known already.
    private func once(
        _ claim: IdempotencyClaim?, _ work: (inout State) throws -> Account?
    ) throws -> Idempotent<Account?> {
        try faults.check()
        return try state.withLock { state in
            if let known = state.keys.answer(to: claim) { return known }
            let answer = try work(&state)
            state.keys.keep(answer, for: claim)
            return .first(answer)
        }
    }

    package func deposit(
        _ amount: Amount, to userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        let id = ids.nextMessageID().description
        return try once(claim) { state in
            guard let account = state.accounts[userID] else { return nil }
            guard let sum = account.balance.adding(amount.money), sum <= balanceLimit
            else { throw BalanceLimitReached() }
            let richer = Account(number: account.number, userID: userID, balance: sum)
            state.accounts[userID] = richer
            state.transfers.append(
                Transfer(id: id, userID: userID, amount: amount, cause: .deposit, createdAt: .now))
            return richer
        }
    }

    package func find(_ userID: UserID) async throws -> Account? {
        try faults.check()
        return state.withLock { $0.accounts[userID] }
    }

    package func list(_ page: PageRequest) async throws -> [Account] {
        try faults.check()
        return state.withLock { state in
            let accounts = state.accounts.values.sorted { $0.number > $1.number }
            guard let before = page.before else { return Array(accounts.prefix(page.limit)) }
            let bound = (try? UserID(before)).flatMap { state.accounts[$0]?.number } ?? 0
            return Array(accounts.filter { $0.number < bound }.prefix(page.limit))
        }
    }

    package func summary() async throws -> LedgerSummary {
        try faults.check()
        return state.withLock { state in
            let deposits = state.transfers.filter { $0.cause == .deposit }
            let charges = state.transfers.filter { $0.cause != .deposit }
            return LedgerSummary(
                accounts: state.accounts.count, deposits: deposits.count,
                deposited: deposits.reduce(.zero) { $0 + $1.amount.money }, charges: charges.count,
                charged: charges.reduce(.zero) { $0 + $1.amount.money })
        }
    }

    package func transfers(
        of userID: UserID, _ page: PageRequest
    ) async throws -> [Transfer]? {
        try faults.check()
        return state.withLock { state in
            guard state.accounts[userID] != nil else { return nil }
            let newestFirst = state.transfers.filter { $0.userID == userID }
                .sorted { $0.id > $1.id }
            let older = newestFirst.filter { transfer in
                page.before.map { transfer.id < $0 } ?? true
            }
            return Array(older.prefix(page.limit))
        }
    }

    package func charge(
        _ requests: [ChargeRequest],
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> [ChargeBook.Entry] {
        try faults.check()
        return try state.withLock { stored in
            var state = stored
            let users = Set(requests.map(\.order.userID))
            var book = ChargeBook(
                accounts: users.compactMap { stored.accounts[$0] },
                outcomes: Set(requests.map(\.order.orderID))
                    .compactMap { stored.outcomes[$0]?.outcome })
            let entries = Self.entries(requests, &state) { decide($0, &book) }
            for account in book.changedAccounts { state.accounts[account.userID] = account }
            let tellings = tellings(of: requests, entries, &state)
            // Last, because it may fail: then nothing of the above has happened.
            try outbox.append(tellings)
            stored = state
            return entries
        }
    }

    package func rehearse(
        _ request: ChargeRequest,
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> ChargeRehearsal {
        try faults.check()
        return try state.withLock { stored in
            var state = stored
            let order = request.order
            let account = stored.accounts[order.userID]
            var book = ChargeBook(
                accounts: [account].compactMap(\.self),
                outcomes: [stored.outcomes[order.orderID]?.outcome].compactMap(\.self))
            let entries = Self.entries([request], &state) { decide($0, &book) }
            guard let entry = entries.first else { throw NoSuchSample(text: "an entry") }
            return ChargeRehearsal(
                entry: entry, before: account?.balance,
                after: book.changedAccounts.first?.balance ?? account?.balance)
        }
    }

    /// Notes the messages in the inbox; gives those that are new.
    private static func receive(
        _ messages: Set<MessageID>, _ state: inout State
    ) -> Set<MessageID> {
        let fresh = messages.filter { state.inbox[$0] == nil }
        for message in messages {
            let known = state.inbox[message]
            state.inbox[message] = ChargeTrace.Receipt(
                at: known?.at ?? .now, repeats: known.map { $0.repeats + 1 } ?? 0,
                repeatedAt: known.map { _ in .now })
        }
        return fresh
    }

    /// A message that was handled before, but not for this order, is not to be believed.
    private static func entries(
        _ requests: [ChargeRequest], _ state: inout State,
        _ charge: (OrderCreated) -> ChargeBook.Entry
    ) -> [ChargeBook.Entry] {
        var orders: [MessageID: OrderID] = [:]
        let fresh = receive(Set(requests.map(\.messageID)), &state)
        return requests.map { request in
            let order = request.order.orderID
            let isFirstUse = fresh.contains(request.messageID) && orders[request.messageID] == nil
            guard isFirstUse || orders[request.messageID] == order || state.outcomes[order] != nil
            else { return .contradicts("message id was used for another order") }
            orders[request.messageID] = order
            return charge(request.order)
        }
    }

    /// Stores new outcomes with their transfers; gives one message for each order, new or told
    /// again.
    private func tellings(
        of requests: [ChargeRequest], _ entries: [ChargeBook.Entry], _ state: inout State
    ) -> [OutboxMessage] {
        zip(requests, entries).compactMap { request, entry in
            let outcome: PaymentOutcome
            switch entry {
            case .decided(let decided):
                outcome = decided
                state.outcomes[outcome.orderID] = Decided(
                    outcome: outcome, messageID: ids.nextMessageID(), at: .now,
                    publication: request.publication)
                if outcome.verdict == .paid {
                    state.transfers.append(
                        Transfer(
                            id: ids.nextMessageID().description, userID: outcome.userID,
                            amount: outcome.amount, cause: .charge(outcome.orderID),
                            createdAt: .now))
                }
            case .repeated(let earlier): outcome = earlier
            case .contradicts: return nil
            }
            guard let stored = state.outcomes[outcome.orderID] else { return nil }
            return OutboxMessage(
                id: stored.messageID, type: outcome.type, payload: outcome.json.encoded,
                headers: request.correlation.headers, createdAt: .now, attempts: 0)
        }
    }
}

extension AccountRepository {
    /// Opens an account without a key.
    package func open(_ userID: UserID) async throws -> Account? {
        try await open(userID, claim: nil).answer ?? nil
    }

    /// Deposits without a key.
    package func deposit(_ amount: Amount, to userID: UserID) async throws -> Account? {
        try await deposit(amount, to: userID, claim: nil).answer ?? nil
    }
}
