package import SharedKernel

/// The open page on which a batch of orders is charged: the accounts it may touch, and what was
/// decided before.
///
/// Pure: whoever opens it has locked the accounts, and commits what it holds in the end. Each order
/// is decided once; asking again gives the first answer, and an order that is not the one decided
/// on is refused.
package struct ChargeBook: Sendable {
    /// What became of a request to charge an order.
    package enum Entry: Hashable, Sendable {
        /// Decided now.
        case decided(PaymentOutcome)
        /// Decided before: the same answer is told again.
        case repeated(PaymentOutcome)
        /// The order was decided with another user or amount, or its message id was another's:
        /// nothing is done.
        case contradicts(String)
    }

    private var accounts: [UserID: Account]
    private var outcomes: [OrderID: PaymentOutcome]
    private var touched: Set<UserID> = []

    /// - Parameters:
    ///   - accounts: those of the users whose orders are charged, locked; a user without one is
    ///     absent.
    ///   - outcomes: what was decided before on any of the orders.
    package init(accounts: [Account], outcomes: [PaymentOutcome]) {
        self.accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.userID, $0) })
        self.outcomes = Dictionary(uniqueKeysWithValues: outcomes.map { ($0.orderID, $0) })
    }

    /// The accounts whose balance has changed.
    package var changedAccounts: [Account] {
        touched.sorted().compactMap { accounts[$0] }
    }

    /// Charges the order to its user's account, at most once.
    package mutating func charge(_ order: OrderCreated) -> Entry {
        if let earlier = outcomes[order.orderID] {
            guard earlier.userID == order.userID, earlier.amount == order.amount else {
                return .contradicts("order was decided for another user or amount")
            }
            return .repeated(earlier)
        }
        let outcome = PaymentOutcome(
            orderID: order.orderID, userID: order.userID, amount: order.amount,
            verdict: verdict(on: order))
        outcomes[order.orderID] = outcome
        return .decided(outcome)
    }

    private mutating func verdict(on order: OrderCreated) -> PaymentOutcome.Verdict {
        guard var account = accounts[order.userID] else { return .failed(.accountNotFound) }
        guard account.charge(order.amount) else { return .failed(.insufficientFunds) }
        accounts[order.userID] = account
        touched.insert(order.userID)
        return .paid
    }
}
