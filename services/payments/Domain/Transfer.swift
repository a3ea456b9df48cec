package import SharedKernel

/// One movement of money, entered twice: what one account gives another receives.
package struct Transfer: Hashable, Sendable {
    /// What moved it.
    package enum Cause: Hashable, Sendable {
        /// Money came from outside into the customer's account.
        case deposit
        /// The customer paid for an order.
        case charge(OrderID)
    }

    package let id: String
    package let userID: UserID
    package let amount: Amount
    package let cause: Cause
    /// When it was committed, by the database's clock.
    package let createdAt: Timestamp

    /// - Parameters: as the properties.
    package init(
        id: String, userID: UserID, amount: Amount, cause: Cause, createdAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.amount = amount
        self.cause = cause
        self.createdAt = createdAt
    }

    /// The ledger account that gives, in bookkeeping's terms: cash that came in, or what the shop
    /// owes the customer.
    package var debitAccount: String {
        switch cause {
        case .deposit: "assets:cash"
        case .charge: "liabilities:customer:\(userID)"
        }
    }

    /// The ledger account that receives.
    package var creditAccount: String {
        switch cause {
        case .deposit: "liabilities:customer:\(userID)"
        case .charge: "revenue:sales"
        }
    }
}
