package import PaymentsDomain
package import SharedKernel

/// A request to charge an order, as it arrived.
package struct ChargeRequest: Hashable, Sendable {
    /// The message's id; a message without one is known by its order.
    package let messageID: MessageID
    package let order: OrderCreated
    /// Rides along to the outcome's message.
    package let correlation: Correlation
    /// Who sent the message, and when: kept with the decision, for whoever traces the order.
    package let publication: Publication

    /// - Parameters: as the properties.
    package init(
        messageID: MessageID?, order: OrderCreated, correlation: Correlation,
        publication: Publication = .unknown
    ) {
        self.messageID = messageID ?? MessageID(announcing: order.orderID)
        self.order = order
        self.correlation = correlation
        self.publication = publication
    }
}

/// What a charge would do.
package struct ChargeRehearsal: Hashable, Sendable {
    package let entry: ChargeBook.Entry
    /// The balance as it is; nil where the user has no account.
    package let before: Money?
    /// The balance as it would be.
    package let after: Money?

    /// - Parameters: as the properties.
    package init(entry: ChargeBook.Entry, before: Money?, after: Money?) {
        self.entry = entry
        self.before = before
        self.after = after
    }
}

/// A page of something that is listed, newest first.
package struct PageRequest: Hashable, Sendable {
    /// Only what is older than this one; nil begins with the newest.
    package var before: String?
    /// At most so many, 1 to 1,000.
    package var limit: Int

    /// - Parameters: as the properties.
    package init(before: String? = nil, limit: Int = 100) {
        self.before = before
        self.limit = limit
    }
}

/// How many accounts and movements there are, and what these come to: exact, as of one moment.
package struct LedgerSummary: Hashable, Sendable {
    package let accounts: Int
    package let deposits: Int
    package let deposited: MoneyTotal
    package let charges: Int
    package let charged: MoneyTotal

    /// - Parameters: as the properties.
    package init(
        accounts: Int, deposits: Int, deposited: MoneyTotal, charges: Int, charged: MoneyTotal
    ) {
        self.accounts = accounts
        self.deposits = deposits
        self.deposited = deposited
        self.charges = charges
        self.charged = charged
    }

    /// What the accounts hold together: money comes in by deposits and leaves by charges alone.
    package var balance: MoneyTotal { deposited - charged }
}

/// A deposit that the ledger cannot take: the balance would be greater than it can hold.
package struct BalanceLimitReached: Error, Equatable {
    package init() {}
}

/// Where the accounts are. Each verb is one transaction.
package protocol AccountRepository: Sendable {
    /// Opens an account with nothing in it; with its claim, where it has one, and the answer.
    ///
    /// - Returns: the account, or nil where the user has one already, which stays as it is; what
    ///   was claimed before gives the answer of then.
    /// - Throws: `IdempotencyKeyIsBusy` where another process is about to commit under the key.
    func open(_ userID: UserID, claim: IdempotencyClaim?) async throws -> Idempotent<Account?>

    /// Adds to the balance, with the transfer that tells where it came from; claimed likewise.
    ///
    /// - Returns: the account after it, or nil where the user has none; what was claimed before
    ///   gives the answer of then.
    /// - Throws: ``BalanceLimitReached``, which leaves the key free, or `IdempotencyKeyIsBusy`.
    func deposit(
        _ amount: Amount, to userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?>

    /// The account, or nil.
    func find(_ userID: UserID) async throws -> Account?

    /// Accounts, newest first; `before` is a user id.
    func list(_ page: PageRequest) async throws -> [Account]

    /// Counts accounts and movements without reading them.
    func summary() async throws -> LedgerSummary

    /// The movements of a user's money, newest first; `before` is a transfer id. Nil where the user
    /// has no account.
    func transfers(of userID: UserID, _ page: PageRequest) async throws -> [Transfer]?

    /// Records the messages in the inbox, locks the accounts they concern, has `decide` charge the
    /// orders, and commits balances, transfers, outcomes and the messages that tell of them
    /// together.
    ///
    /// - Parameters:
    ///   - requests: in the order they arrived; orders and messages may repeat.
    ///   - decide: pure.
    /// - Returns: what became of each request, in order.
    func charge(
        _ requests: [ChargeRequest],
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> [ChargeBook.Entry]

    /// Does what ``charge(_:_:)`` would do with the one request, tells what came of it, and takes
    /// all of it back.
    func rehearse(
        _ request: ChargeRequest,
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> ChargeRehearsal
}
