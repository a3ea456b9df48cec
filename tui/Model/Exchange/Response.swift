/// The gateway's answer to a ``Request``.
package enum Response: Hashable, Sendable {
    /// Newest first.
    case orders([OrderRow])
    /// Oldest change first, the cursor to go on from, and whether more is waiting already.
    case changes([OrderRow], next: String, hasMore: Bool)
    /// Newest first.
    case accounts([AccountRow])
    case order(OrderDetail)
    case balance(AccountRow)
    case transfers(user: String, [TransferRow])
    case health([ServiceHealth])
    case totals(Totals)
    case books(Books)
    /// The account as a submission left it: opened, or after the deposit.
    case account(AccountRow)
    /// The order as it was accepted.
    case placed(OrderRow)
}

/// How many there are of everything, whatever the screen keeps of it.
package struct Totals: Hashable, Sendable {
    package let pending: Int
    package let paid: Int
    package let failed: Int
    package let accounts: Int
    /// What is on all accounts together; nil where it is more than the screen can count.
    package let balance: Cents?

    /// - Parameters: as the properties.
    package init(pending: Int, paid: Int, failed: Int, accounts: Int, balance: Cents?) {
        self.pending = pending
        self.paid = paid
        self.failed = failed
        self.accounts = accounts
        self.balance = balance
    }

    /// All orders. Held at the bounds of 64 bits, should a gateway count beyond them.
    package var orders: Int {
        [paid, failed].reduce(pending) { sum, count in
            let (next, overflow) = sum.addingReportingOverflow(count)
            return overflow ? .max : next
        }
    }
}

/// One order in full.
package struct OrderDetail: Hashable, Sendable {
    /// The order itself.
    package let row: OrderRow
    /// Its steps, oldest first, by the server's clock.
    package let history: [HistoryRow]
    /// The answer's JSON, indented, for reading.
    package let raw: String

    /// - Parameters: as the properties.
    package init(row: OrderRow, history: [HistoryRow], raw: String) {
        self.row = row
        self.history = history
        self.raw = raw
    }
}

/// What a call cost, for the header and the log.
package struct Cost: Hashable, Sendable {
    /// Milliseconds from sending to the whole answer.
    package let milliseconds: Int64
    /// Bytes of the answer's body.
    package let bytes: Int

    /// - Parameters: as the properties.
    package init(milliseconds: Int64 = 0, bytes: Int = 0) {
        self.milliseconds = milliseconds
        self.bytes = bytes
    }
}
