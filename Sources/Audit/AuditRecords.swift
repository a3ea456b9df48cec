package import JSON
package import SharedKernel

/// An order as Orders has stored it, in all the places that must tell the same of it.
package struct AuditedOrder: Hashable, Sendable {
    /// Where it stands.
    package enum Status: String, Sendable {
        case pending = "PENDING"
        case paid = "PAID"
        case failed = "FAILED"
    }

    package let id: OrderID
    package let userID: String
    package let amount: Money
    package let status: Status
    /// The ends that its history tells of.
    package let ends: [Status]
    /// Whether it is among those that are announced again until they end.
    package let isAwaited: Bool

    /// - Parameters: as the properties.
    package init(
        id: OrderID, userID: String, amount: Money, status: Status, ends: [Status],
        isAwaited: Bool
    ) {
        self.id = id
        self.userID = userID
        self.amount = amount
        self.status = status
        self.ends = ends
        self.isAwaited = isAwaited
    }

    /// Reads a row of `/audit/orders`.
    ///
    /// - Throws: ``UnreadableAnswer``.
    package init(_ json: JSONValue) throws(UnreadableAnswer) {
        guard let id = json["order_id"]?.string.flatMap(OrderID.init),
            let userID = json["user_id"]?.string, let amount = json.money("amount"),
            let status = json["status"]?.string.flatMap(Status.init),
            let ends = json["ends"]?.array, case .boolean(let isAwaited)? = json["awaited"]
        else { throw UnreadableAnswer(what: "order") }
        self.init(
            id: id, userID: userID, amount: amount, status: status,
            ends: ends.compactMap { $0.string.flatMap(Status.init) }, isAwaited: isAwaited)
    }
}

/// What Payments has of an order: its decision, and the money that moved for it.
package struct AuditedCharge: Hashable, Sendable {
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

    /// The debits that name the order; there should be one, or none.
    package struct Debits: Hashable, Sendable {
        package let count: Int
        /// What they come to.
        package let amount: MoneyTotal
        /// Whose account gave it; nil where no account has that number.
        package let userID: String?

        /// - Parameters: as the properties.
        package init(count: Int, amount: MoneyTotal, userID: String?) {
            self.count = count
            self.amount = amount
            self.userID = userID
        }
    }

    package let orderID: OrderID
    /// Nil where debits stand without one.
    package let decision: Decision?
    /// Nil where none was made.
    package let debits: Debits?

    /// - Parameters: as the properties.
    package init(orderID: OrderID, decision: Decision?, debits: Debits?) {
        self.orderID = orderID
        self.decision = decision
        self.debits = debits
    }

    /// Reads a row of `/audit/charges`.
    ///
    /// - Throws: ``UnreadableAnswer``.
    package init(_ json: JSONValue) throws(UnreadableAnswer) {
        guard let id = json["order_id"]?.string.flatMap(OrderID.init) else {
            throw UnreadableAnswer(what: "charge")
        }
        var (decision, debits): (Decision?, Debits?)
        if let status = json["status"]?.string {
            guard let userID = json["user_id"]?.string, let amount = json.money("amount") else {
                throw UnreadableAnswer(what: "charge")
            }
            decision = Decision(userID: userID, amount: amount, isPaid: status == "PAID")
        }
        if let count = json.integer("debits") {
            guard let amount = json.total("debited") else {
                throw UnreadableAnswer(what: "charge")
            }
            debits = Debits(
                count: Int(count), amount: amount, userID: json["debited_from"]?.string)
        }
        self.init(orderID: id, decision: decision, debits: debits)
    }
}

/// An account and its latest movements, both of one moment.
package struct AuditedAccount: Hashable, Sendable {
    package let number: Int64
    package let userID: String
    package let balance: Money
    /// What its movements since the page's `since` come to.
    package let recent: Movements

    /// What came in and what went out.
    package struct Movements: Hashable, Sendable {
        package var deposited: MoneyTotal
        package var charged: MoneyTotal

        /// - Parameters: as the properties.
        package init(deposited: MoneyTotal = .zero, charged: MoneyTotal = .zero) {
            self.deposited = deposited
            self.charged = charged
        }

        /// Both together.
        package static func + (left: Movements, right: Movements) -> Movements {
            Movements(
                deposited: left.deposited + right.deposited, charged: left.charged + right.charged)
        }

        init?(_ json: JSONValue) {
            guard let deposited = json.total("deposited"), let charged = json.total("charged")
            else { return nil }
            self.init(deposited: deposited, charged: charged)
        }
    }

    /// - Parameters: as the properties.
    package init(number: Int64, userID: String, balance: Money, recent: Movements) {
        self.number = number
        self.userID = userID
        self.balance = balance
        self.recent = recent
    }

    /// Reads a row of `/audit/accounts`.
    ///
    /// - Throws: ``UnreadableAnswer``.
    package init(_ json: JSONValue) throws(UnreadableAnswer) {
        guard let number = json.integer("account"), let userID = json["user_id"]?.string,
            let balance = json.money("balance"), let recent = Movements(json)
        else { throw UnreadableAnswer(what: "account") }
        self.init(number: number, userID: userID, balance: balance, recent: recent)
    }
}

/// A service gave something else than the contract says.
package struct UnreadableAnswer: Error, CustomStringConvertible {
    let what: String

    package var description: String { "a service showed no valid \(what)" }
}

extension JSONValue {
    func integer(_ name: String) -> Int64? {
        guard case .number(let digits) = self[name] else { return nil }
        return Int64(digits)
    }

    fileprivate func money(_ name: String) -> Money? {
        guard case .number(let digits) = self[name] else { return nil }
        return try? Money(decimal: digits)
    }

    /// A sum that may have more digits than an amount: whole units, a point and two decimals.
    fileprivate func total(_ name: String) -> MoneyTotal? {
        guard case .number(let digits) = self[name] else { return nil }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, let cents = Int128(parts[0] + parts[1])
        else { return nil }
        return MoneyTotal(minorUnits: cents)
    }
}
