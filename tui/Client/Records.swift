package import JSON
package import SharedKernel

/// An order as the gateway tells it.
package struct OrderRecord: Hashable, Sendable {
    /// Where an order stands; `unknown` is for words of a later contract.
    package enum Status: String, CaseIterable, Sendable {
        case pending = "PENDING"
        case paid = "PAID"
        case failed = "FAILED"
        case unknown = "UNKNOWN"
    }

    /// One entry of the history.
    package struct Change: Hashable, Sendable {
        package let status: Status
        package let at: Timestamp
        package let reason: String?
    }

    package let id: OrderID
    /// The customer, as given: may hold what no terminal should see.
    package let user: String
    package let amount: Money
    /// Fit for a terminal.
    package let description: String
    package let status: Status
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// Fit for a terminal; nil unless failed.
    package let failureReason: String?
    /// Oldest first; nil in lists.
    package let history: [Change]?
}

/// An account as the gateway tells it.
package struct AccountRecord: Hashable, Sendable {
    /// The customer, as given: may hold what no terminal should see.
    package let user: String
    package let balance: Money
}

/// A movement of money, entered on two accounts.
package struct TransferRecord: Hashable, Sendable {
    package let id: String
    package let amount: Money
    package let debitAccount: String
    package let creditAccount: String
    /// `deposit` or `charge`.
    package let kind: String
    /// The order that was charged for.
    package let orderID: OrderID?
    package let createdAt: Timestamp
}

/// Some elements of a list, newest first.
package struct Page<Element: Sendable>: Sendable {
    package let elements: [Element]
    /// What to ask for `before` to read on; nil where the list ends.
    package let next: String?
}

/// What changed since a cursor.
package struct ChangesPage: Sendable {
    /// As they stand now, oldest change first.
    package let orders: [OrderRecord]
    /// Where to go on.
    package let next: String
    /// Whether more is there already.
    package let hasMore: Bool
}

/// How many orders there are, by status.
package struct OrderSummaryRecord: Hashable, Sendable {
    package let pending: Int
    package let paid: Int
    package let failed: Int
}

/// How many accounts there are, and what is on them together.
package struct AccountSummaryRecord: Hashable, Sendable {
    package let accounts: Int
    /// Nil where it is beyond what ``Money`` holds.
    package let balance: Money?
}

/// Whether the system can work, by part.
package struct ReadinessRecord: Hashable, Sendable {
    /// One thing that the gateway needs.
    package struct Dependency: Hashable, Sendable {
        package let name: String
        /// `ok`, `waiting` or `down`.
        package let state: String
        package let detail: String?
    }

    package let isReady: Bool
    package let dependencies: [Dependency]
}

/// An answer's value together with the JSON that it was read from.
package struct Told<Value: Sendable>: Sendable {
    package let value: Value
    /// As the gateway sent it.
    package let json: JSONValue
    /// Bytes of the answer's body.
    package let size: Int
}
