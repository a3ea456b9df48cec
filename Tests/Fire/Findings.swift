/// The customers' record held against the books: what is not as it was promised.
struct Findings: Sendable {
    /// What was acknowledged and is not there, or has no end.
    private(set) var lost: [String] = []
    /// What was done more than once.
    private(set) var duplicated: [String] = []
    /// What nobody asked for, or nobody should see.
    private(set) var unexpected: [String] = []
    /// Cents by which balances differ from what was acknowledged, summed over users.
    private(set) var moneyError = 0

    /// Whether every promise was kept.
    var areNone: Bool {
        lost.isEmpty && duplicated.isEmpty && unexpected.isEmpty && moneyError == 0
    }

    /// - Parameters:
    ///   - record: the customers'.
    ///   - stored: the services'.
    ///   - reports: what others found odd.
    init(_ record: ClientRecord.State, _ stored: Stored, reports: [String] = []) {
        unexpected = record.strange + reports
        compareOrders(record, stored)
        compareCharges(stored)
        compareMoney(record, stored)
        compareParked(record, stored)
        compareContrary(record, stored)
        if stored.waiting > 0 { unexpected.append("\(stored.waiting) messages wait in an outbox") }
    }

    private mutating func compareOrders(_ record: ClientRecord.State, _ stored: Stored) {
        var ids: [String: [String]] = [:]
        for (id, order) in stored.orders { ids[order.mark, default: []].append(id) }
        for (mark, ids) in ids where ids.count > 1 {
            duplicated.append("\(mark) is \(ids.count) orders: \(ids.joined(separator: " "))")
        }
        var known: Set<String> = []
        for intent in record.intents.values where intent.work != .deposit {
            known.insert(intent.mark)
            guard let id = record.acknowledged[intent.number] else {
                unexpected.append("\(intent.key) was never answered")
                continue
            }
            guard let order = stored.orders[id] else {
                lost.append("order \(id), acknowledged to \(intent.key)")
                continue
            }
            let asked = (intent.user, intent.cents, intent.mark)
            if (order.user, order.cents, order.mark) != asked {
                unexpected.append("order \(id) is \(order), asked was \(asked)")
            }
        }
        for (id, order) in stored.orders {
            if !known.contains(order.mark) { unexpected.append("order \(id): nobody asked for it") }
            let ends = stored.ends[id] ?? 0
            if order.status == "PENDING" { lost.append("order \(id) has no end") }
            if order.status != "PENDING", ends == 0 { lost.append("the history of order \(id)") }
            if ends > 1 { duplicated.append("order \(id) has \(ends) ends") }
        }
    }

    private mutating func compareCharges(_ stored: Stored) {
        for (id, charges) in stored.charges {
            if charges.count > 1 { duplicated.append("order \(id): \(charges.count) charges") }
            guard let order = stored.orders[id], order.status == "PAID" else {
                unexpected.append("order \(id) is charged and not PAID")
                continue
            }
            if charges.contains(where: { ($0.user, $0.cents) != (order.user, order.cents) }) {
                unexpected.append("order \(id) is \(order) and charged \(charges)")
            }
        }
        for (id, order) in stored.orders where order.status == "PAID" && stored.charges[id] == nil {
            unexpected.append("order \(id) is PAID and not charged")
        }
    }

    /// By the customers' own sums: what they paid in, less their orders that ended PAID.
    private mutating func compareMoney(_ record: ClientRecord.State, _ stored: Stored) {
        var expected: [String: Int] = [:]
        var deposits: [String: [Int]] = [:]
        for intent in record.intents.values {
            switch (intent.work, record.acknowledged[intent.number]) {
            case (.deposit, .some):
                expected[intent.user, default: 0] += intent.cents
                deposits[intent.user, default: []].append(intent.cents)
            case (.deposit, .none): unexpected.append("\(intent.key) was never answered")
            case (_, .some(let id)):
                if stored.orders[id]?.status == "PAID" {
                    expected[intent.user, default: 0] -= intent.cents
                }
            case (_, .none): break
            }
        }
        for user in Set(deposits.keys).union(stored.deposits.keys).union(stored.balances.keys) {
            moneyError += abs((expected[user] ?? 0) - (stored.balances[user] ?? 0))
            let change = (stored.deposits[user] ?? []).sorted()
                .difference(from: (deposits[user] ?? []).sorted())
            for difference in change {
                switch difference {
                case .insert(_, let cents, _):
                    duplicated.append("a deposit of \(cents) cents for \(user) that nobody made")
                case .remove(_, let cents, _):
                    lost.append("a deposit of \(cents) cents for \(user)")
                }
            }
        }
    }

    /// What says the contrary of an order's end is parked for that reason, and the end stays. A run
    /// that has tried none of a kind has proved nothing of it.
    private mutating func compareContrary(_ record: ClientRecord.State, _ stored: Stored) {
        let reasons = Dictionary(
            stored.parked.map { ($0.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
        for (message, lie) in record.contrary {
            let status = stored.orders[lie.order]?.status ?? "gone"
            if status != lie.end {
                unexpected.append("order \(lie.order) was \(lie.end), and \(status) after a lie")
            }
            if reasons[message]?.hasPrefix("contradiction") != true {
                let found = reasons[message].map { "parked as '\($0)'" } ?? "not parked"
                unexpected.append("a contrary outcome of order \(lie.order) is \(found)")
            }
        }
        for end in ["PAID", "FAILED"] {
            let hasSome = stored.orders.values.contains { $0.status == end }
            if hasSome, !record.contrary.values.contains(where: { $0.end == end }) {
                unexpected.append("nobody said the contrary of an order that is \(end)")
            }
        }
    }

    private mutating func compareParked(_ record: ClientRecord.State, _ stored: Stored) {
        var times: [String: Int] = [:]
        for message in stored.parked {
            if record.planted.contains(message.id) {
                times[message.id, default: 0] += 1
            } else {
                unexpected.append("parked: \(message.queue) \(message.id) \(message.reason)")
            }
        }
        for (id, count) in times where count > 1 {
            duplicated.append("message \(id) is parked \(count) times")
        }
    }
}
