package import SharedKernel

/// A customer's money. The balance is never below zero.
package struct Account: Hashable, Sendable {
    /// The ledger's own key for the account.
    package let number: Int64
    package let userID: UserID
    package private(set) var balance: Money

    /// - Parameters: as the properties.
    package init(number: Int64, userID: UserID, balance: Money) {
        self.number = number
        self.userID = userID
        self.balance = balance
    }

    /// Takes the amount, or nothing where the balance does not cover it.
    ///
    /// - Returns: whether it was taken.
    package mutating func charge(_ amount: Amount) -> Bool {
        guard let rest = balance.subtracting(amount.money) else { return false }
        balance = rest
        return true
    }
}
