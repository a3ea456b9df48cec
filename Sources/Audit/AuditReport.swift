package import JSON
package import SharedKernel

/// What an audit found.
package struct AuditReport: Hashable, Sendable {
    /// Orders that both services were asked about.
    package var orders = 0
    /// Of them, those that have not reached their end.
    package var inFlight = 0
    /// The oldest of these.
    package var oldestInFlight: OrderID?
    package var accounts = 0
    package var deposited = MoneyTotal.zero
    /// What the paid orders come to.
    package var paid = MoneyTotal.zero
    /// What the accounts hold together.
    package var balance = MoneyTotal.zero
    /// How many things must not be.
    package private(set) var wrong = 0
    /// The first of them, at most ``findingLimit``.
    package private(set) var findings: [AuditFinding] = []

    /// Findings that a report keeps; the others are counted, and told to whoever listens.
    package static let findingLimit = 100

    package init() {}

    /// Whether the books balance.
    package var balances: Bool { wrong == 0 }

    package mutating func add(_ finding: AuditFinding) {
        wrong += 1
        if findings.count < Self.findingLimit { findings.append(finding) }
    }

    /// The report as JSON.
    package var json: JSONValue { .object(members) }

    /// The members of its JSON, for whoever has more to say.
    package var members: [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("orders", .integer(orders)), .init("in_flight", .integer(inFlight)),
            .init("accounts", .integer(accounts)),
            .init("deposited", .number(deposited.description)),
            .init("paid", .number(paid.description)),
            .init("balance", .number(balance.description)), .init("wrong", .integer(wrong)),
            .init("findings", .array(findings.map(\.json))),
        ]
        if let oldestInFlight {
            members.append(.init("oldest_in_flight", .string(oldestInFlight.description)))
        }
        return members
    }
}

extension AuditFinding {
    /// The finding as JSON.
    package var json: JSONValue {
        [
            "subject": .string(subject), "invariant": .string(invariant.rawValue),
            "words": .string(words),
        ]
    }
}
