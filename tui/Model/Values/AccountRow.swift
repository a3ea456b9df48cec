/// An account as the screen knows it.
package struct AccountRow: Hashable, Sendable {
    /// Whose it is.
    package let user: String
    /// What is in it.
    package let balance: Cents
    /// When this screen last heard of the balance, monotonic; the model fills it in.
    package internal(set) var learnedAt: Instant = 0
    /// When the balance was last seen to change, monotonic; nil where it never was.
    package internal(set) var changedAt: Instant?
    /// The place among accounts, newest highest; the model fills it in.
    package internal(set) var rank: Int64 = 0

    /// - Parameters: as the properties.
    package init(user: String, balance: Cents) {
        self.user = user
        self.balance = balance
    }

    /// Whether the balance changed recently enough to be shown highlighted.
    package func isHighlighted(at now: Instant) -> Bool {
        guard let changedAt else { return false }
        return now &- changedAt < OrderRow.highlightLength
    }
}

/// One movement of money, with both its entries.
package struct TransferRow: Hashable, Sendable {
    /// The movement's id.
    package let id: String
    /// How much moved.
    package let amount: Cents
    /// The account it left, such as `liabilities:customer:alice`.
    package let debit: String
    /// The account it reached.
    package let credit: String
    /// `deposit` or `charge`.
    package let kind: String
    /// The order that was charged; nil for a deposit.
    package let orderID: String?
    /// Server time, microseconds since 1970.
    package let createdAt: Int64

    /// - Parameters: as the properties.
    package init(
        id: String, amount: Cents, debit: String, credit: String, kind: String, orderID: String?,
        createdAt: Int64
    ) {
        self.id = id
        self.amount = amount
        self.debit = debit
        self.credit = credit
        self.kind = kind
        self.orderID = orderID
        self.createdAt = createdAt
    }
}
