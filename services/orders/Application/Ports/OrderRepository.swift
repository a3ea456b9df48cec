package import OrdersDomain
package import SharedKernel

/// A change in an order's life.
package struct OrderChange: Hashable, Sendable {
    /// What the order became.
    package let status: OrderStatus
    /// When the change was committed, by the database's clock.
    package let at: Timestamp
    /// Why, where it failed.
    package let reason: FailureReason?

    /// - Parameters: as the properties.
    package init(status: OrderStatus, at: Timestamp, reason: FailureReason? = nil) {
        self.status = status
        self.at = at
        self.reason = reason
    }
}

/// An order to be added, with all that is committed together with it.
package struct OrderAddition: Hashable, Sendable {
    /// The order's id, unless its claim stands for an earlier one.
    package let id: OrderID
    package let request: OrderRequest
    /// The key that it comes under; nil where it has none.
    package let claim: IdempotencyClaim?
    /// The trip that it begins.
    package let correlation: Correlation

    /// - Parameters: as the properties.
    package init(
        id: OrderID, request: OrderRequest, claim: IdempotencyClaim? = nil,
        correlation: Correlation
    ) {
        self.id = id
        self.request = request
        self.claim = claim
        self.correlation = correlation
    }
}

/// What Payments says became of a charge, as it arrived.
package struct SettleRequest: Hashable, Sendable {
    package let outcome: PaymentOutcome
    /// Who sent the message, and when: kept with the order's end, for whoever traces the order.
    package let publication: Publication

    /// - Parameters: as the properties.
    package init(outcome: PaymentOutcome, publication: Publication) {
        self.outcome = outcome
        self.publication = publication
    }
}

/// Which orders to list.
package struct OrderQuery: Hashable, Sendable {
    /// Only this customer's; nil is everybody's.
    package var userID: UserID?
    /// Only those that stand so; nil is all.
    package var status: OrderStatus?
    /// Only those accepted then or later.
    package var createdFrom: Timestamp?
    /// Only those accepted before.
    package var createdUntil: Timestamp?
    /// Only orders older than this one; nil begins with the newest.
    package var before: OrderID?
    /// At most so many, 1 to 1,000.
    package var limit: Int

    /// - Parameters: as the properties.
    package init(
        userID: UserID? = nil, status: OrderStatus? = nil, createdFrom: Timestamp? = nil,
        createdUntil: Timestamp? = nil, before: OrderID? = nil, limit: Int = 100
    ) {
        self.userID = userID
        self.status = status
        self.createdFrom = createdFrom
        self.createdUntil = createdUntil
        self.before = before
        self.limit = limit
    }
}

/// How many orders stand how, and what they come to: exact, as of one moment.
package struct OrderSummary: Hashable, Sendable {
    /// Some orders, and the sum of their amounts.
    package struct Tally: Hashable, Sendable {
        package let count: Int
        package let amount: MoneyTotal

        /// - Parameters: as the properties.
        package init(count: Int, amount: MoneyTotal) {
            self.count = count
            self.amount = amount
        }
    }

    package let pending: Tally
    package let paid: Tally
    package let failed: Tally

    /// - Parameters: as the properties.
    package init(pending: Tally, paid: Tally, failed: Tally) {
        self.pending = pending
        self.paid = paid
        self.failed = failed
    }
}

extension OrderAddition {
    /// How many may be added together at most.
    package static let togetherLimit = 256
}

/// Where the orders are. Each verb is one transaction.
package protocol OrderRepository: Sendable {
    /// Commits each order together with the event that announces it, and with its key where it has
    /// one.
    ///
    /// - Parameter additions: up to ``OrderAddition/togetherLimit``; they may share a transaction,
    ///   and one that is at fault fails alone.
    /// - Returns: what became of each, in their order: the order as accepted. Adding the same id
    ///   again changes nothing, announces nothing, and gives the moment of the first time; so does,
    ///   under another id, what was claimed before. `IdempotencyKeyIsBusy` where another process is
    ///   about to commit under the key.
    func add(_ additions: [OrderAddition]) async -> [Result<Idempotent<Order>, any Error>]

    /// The order, or nil.
    func find(_ id: OrderID) async throws -> Order?

    /// The order with what happened to it, oldest first, both as of one moment; or nil.
    func findWithHistory(_ id: OrderID) async throws -> (Order, [OrderChange])?

    /// Orders newest first. What it costs depends on the page alone, not on how many orders there
    /// are or how far back the page is.
    func list(_ query: OrderQuery) async throws -> [Order]

    /// Counts the orders without reading them.
    func summary() async throws -> OrderSummary

    /// Locks the orders, has `decide` settle each, and commits every change with its history.
    ///
    /// - Parameters:
    ///   - requests: in the order they arrived; one order may appear more than once.
    ///   - decide: pure; may change the order, and is given nil for an unknown one.
    /// - Returns: what `decide` said of each outcome, in order.
    func settle<Decision: Sendable>(
        _ requests: [SettleRequest],
        _ decide: @escaping @Sendable (PaymentOutcome, inout Order?) -> Decision
    ) async throws -> [Decision]
}

extension OrderRepository {
    /// Adds one order.
    ///
    /// - Throws: `IdempotencyKeyIsBusy`, or what failed.
    package func add(
        _ request: OrderRequest, as id: OrderID, claim: IdempotencyClaim?,
        correlation: Correlation
    ) async throws -> Idempotent<Order> {
        let addition = OrderAddition(
            id: id, request: request, claim: claim, correlation: correlation)
        for answer in await add([addition]) { return try answer.get() }
        preconditionFailure("an addition without an answer")
    }
}
