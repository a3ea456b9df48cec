package import SharedKernel

/// What Payments has of an order: the decision, and the debits that name it. Nothing here is sure
/// to be right: that is for an auditor to find.
package struct ChargeAuditRow: Hashable, Sendable {
    /// What was decided.
    package struct Decision: Hashable, Sendable {
        package let userID: String
        package let amount: Money
        package let isPaid: Bool

        /// - Parameters: as the properties.
        package init(userID: String, amount: Money, isPaid: Bool) {
            self.userID = userID
            self.amount = amount
            self.isPaid = isPaid
        }
    }

    /// The debits that name the order.
    package struct Debits: Hashable, Sendable {
        package let count: Int
        package let amount: MoneyTotal
        /// Whose account it was; nil where no account has its number.
        package let userID: String?

        /// - Parameters: as the properties.
        package init(count: Int, amount: MoneyTotal, userID: String?) {
            self.count = count
            self.amount = amount
            self.userID = userID
        }
    }

    package let orderID: OrderID
    /// Nil where nothing was decided.
    package let decision: Decision?
    /// Nil where nothing was debited.
    package let debits: Debits?

    /// - Parameters: as the properties.
    package init(orderID: OrderID, decision: Decision?, debits: Debits?) {
        self.orderID = orderID
        self.decision = decision
        self.debits = debits
    }
}

/// An account and its latest movements, all of one moment.
package struct AccountAuditRow: Hashable, Sendable {
    package let number: Int64
    package let userID: String
    package let balance: Money
    /// What its movements since the page's `since` come to.
    package let recent: MovementSums

    /// - Parameters: as the properties.
    package init(number: Int64, userID: String, balance: Money, recent: MovementSums) {
        self.number = number
        self.userID = userID
        self.balance = balance
        self.recent = recent
    }
}

/// What came in and what went out.
package struct MovementSums: Hashable, Sendable {
    package var deposited: MoneyTotal
    package var charged: MoneyTotal

    /// - Parameters: as the properties.
    package init(deposited: MoneyTotal = .zero, charged: MoneyTotal = .zero) {
        self.deposited = deposited
        self.charged = charged
    }
}

/// A place in the ledger: after all that an account moved up to a transfer.
package struct LedgerPlace: Hashable, Sendable {
    package let account: Int64
    /// Nil is behind the last that the account has.
    package let transfer: MessageID?

    /// - Parameters: as the properties.
    package init(account: Int64, transfer: MessageID?) {
        self.account = account
        self.transfer = transfer
    }
}

/// A piece of the ledger, summed up by account.
package struct MovementPage: Hashable, Sendable {
    /// The greatest account may go on in the next piece.
    package let sums: [Int64: MovementSums]
    /// Where the next piece begins; nil at the end.
    package let next: LedgerPlace?

    /// - Parameters: as the properties.
    package init(sums: [Int64: MovementSums], next: LedgerPlace?) {
        self.sums = sums
        self.next = next
    }
}

/// The ledger as an auditor reads it. Nothing here changes anything, and no statement reads more
/// than a bounded number of rows.
package protocol LedgerAudit: Sendable {
    /// What the ledger has of orders, the greatest order ids first.
    ///
    /// - Parameters:
    ///   - before: only orders with ids less than this one; nil begins with the greatest.
    ///   - limit: 1 to 1,000.
    func auditCharges(before: OrderID?, limit: Int) async throws -> [ChargeAuditRow]

    /// What the ledger has of one order; nil for nothing.
    func auditCharge(of order: OrderID) async throws -> ChargeAuditRow?

    /// Accounts by ascending number, with the sums of their movements since a moment.
    ///
    /// - Parameters:
    ///   - number: only accounts with greater numbers.
    ///   - limit: 1 to 1,000.
    func auditAccounts(
        after number: Int64, limit: Int, movementsSince since: Timestamp
    ) async throws -> [AccountAuditRow]

    /// Sums up movements before a moment, whether their accounts exist or not.
    ///
    /// - Parameters:
    ///   - place: where to begin.
    ///   - through: the greatest account number.
    ///   - limit: how many movements at most.
    func auditMovements(
        after place: LedgerPlace, through: Int64, until: Timestamp, limit: Int
    ) async throws -> MovementPage
}
