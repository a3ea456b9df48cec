import JSON
import SharedKernel

/// Reads members of an answer; a member that is not the contract's makes the answer nonsense.
private struct Members {
    let json: JSONValue
    let what: String

    func text(_ name: String) throws(CallFailure) -> String {
        guard let text = json[name]?.string, text.utf8.count <= 65_536 else {
            throw .nonsense("\(what) without \(name)")
        }
        return text
    }

    func optionalText(_ name: String) -> String? { json[name]?.string?.displayed() }

    func money(_ name: String) throws(CallFailure) -> Money {
        let failure = CallFailure.nonsense("\(what) without \(name)")
        guard case .number(let digits)? = json[name], digits.utf8.count <= 40 else { throw failure }
        do {
            return try Money(decimal: digits)
        } catch {
            throw failure
        }
    }

    func count(_ name: String) throws(CallFailure) -> Int {
        guard case .number(let digits)? = json[name], let count = Int(digits), count >= 0 else {
            throw .nonsense("\(what) without \(name)")
        }
        return count
    }

    func moment(_ name: String) throws(CallFailure) -> Timestamp {
        guard let moment = json[name]?.string.flatMap({ Timestamp(rfc3339: $0) }) else {
            throw .nonsense("\(what) without \(name)")
        }
        return moment
    }
}

extension OrderRecord {
    init(json: JSONValue) throws(CallFailure) {
        let members = Members(json: json, what: "an order")
        guard let id = OrderID(try members.text("order_id")) else {
            throw .nonsense("an order without order_id")
        }
        self.init(
            id: id, user: try members.text("user_id"), amount: try members.money("amount"),
            description: try members.text("description").displayed(),
            status: Status(word: try members.text("status")),
            createdAt: try members.moment("created_at"),
            updatedAt: try members.moment("updated_at"),
            failureReason: members.optionalText("failure_reason"),
            history: try Change.list(json["history"]))
    }
}

extension OrderRecord.Status {
    /// A word that this version does not know is shown as unknown and breaks nothing.
    init(word: String) { self = Self(rawValue: word) ?? .unknown }
}

extension OrderRecord.Change {
    fileprivate static func list(_ json: JSONValue?) throws(CallFailure) -> [Self]? {
        guard let entries = json?.array else { return nil }
        var changes: [Self] = []
        for entry in entries {
            let members = Members(json: entry, what: "a history")
            changes.append(
                Self(
                    status: OrderRecord.Status(word: try members.text("status")),
                    at: try members.moment("at"), reason: members.optionalText("reason")))
        }
        return changes
    }
}

extension AccountRecord {
    init(json: JSONValue) throws(CallFailure) {
        let members = Members(json: json, what: "an account")
        self.init(user: try members.text("user_id"), balance: try members.money("balance"))
    }
}

extension TransferRecord {
    init(json: JSONValue) throws(CallFailure) {
        let members = Members(json: json, what: "a transfer")
        self.init(
            id: try members.text("transfer_id").displayed(upTo: 64),
            amount: try members.money("amount"),
            debitAccount: try members.text("debit_account").displayed(),
            creditAccount: try members.text("credit_account").displayed(),
            kind: try members.text("kind").displayed(upTo: 32),
            orderID: json["order_id"]?.string.flatMap { OrderID($0) },
            createdAt: try members.moment("created_at"))
    }
}

extension ChangesPage {
    init(json: JSONValue) throws(CallFailure) {
        guard let next = json["next"]?.string, next.utf8.count <= 65_536,
            case .boolean(let hasMore)? = json["more"], let orders = json["orders"]?.array
        else { throw .nonsense("no page of changes") }
        self.init(
            orders: try orders.map { json throws(CallFailure) in try OrderRecord(json: json) },
            next: next, hasMore: hasMore)
    }
}

extension OrderSummaryRecord {
    init(json: JSONValue) throws(CallFailure) {
        let members = Members(json: json, what: "a summary")
        self.init(
            pending: try members.count("pending"), paid: try members.count("paid"),
            failed: try members.count("failed"))
    }
}

extension AccountSummaryRecord {
    init(json: JSONValue) throws(CallFailure) {
        let members = Members(json: json, what: "a summary")
        self.init(
            accounts: try members.count("accounts"), balance: try? members.money("balance"))
    }
}

extension ReadinessRecord {
    init(json: JSONValue) throws(CallFailure) {
        guard let status = json["status"]?.string else { throw .nonsense("no readiness") }
        var dependencies: [Dependency] = []
        if case .object(let members)? = json["dependencies"] {
            dependencies = members.prefix(20).map { member in
                Dependency(
                    name: member.name.displayed(upTo: 40),
                    state: member.value["state"]?.string?.displayed(upTo: 20) ?? "unknown",
                    detail: member.value["detail"]?.string?.displayed(upTo: 200))
            }
        }
        self.init(isReady: status == "ready", dependencies: dependencies)
    }
}
