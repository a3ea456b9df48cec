import TestShop

/// What both services have stored, read when nothing is in flight.
struct Stored: Sendable {
    /// An order in the orders database.
    struct Order: Sendable, Hashable {
        var user: String
        var cents: Int
        var status: String
        var mark: String
    }

    /// A charge in the payments database.
    struct Charge: Sendable, Hashable {
        var user: String
        var cents: Int
    }

    /// By order id.
    var orders: [String: Order] = [:]
    /// How many ends each order's history has.
    var ends: [String: Int] = [:]
    var charges: [String: [Charge]] = [:]
    /// Every deposit's cents, by user.
    var deposits: [String: [Int]] = [:]
    var balances: [String: Int] = [:]
    /// Parked messages: queue, message id (empty where it has none), reason.
    var parked: [(queue: String, id: String, reason: String)] = []
    /// Rows that still wait in an outbox.
    var waiting = 0

    /// Reads it all.
    static func read(_ shop: Shop) async throws -> Stored {
        var stored = Stored()
        for row in try await shop.ordersRows(
            "SELECT order_id, user_id, amount, status, description FROM orders")
        {
            let columns = split(row)
            stored.orders[columns[0]] = Order(
                user: columns[1], cents: Int(columns[2]) ?? -1, status: columns[3],
                mark: columns[4])
        }
        for row in try await shop.ordersRows(
            "SELECT order_id, count(*) FROM order_history GROUP BY order_id")
        {
            let columns = split(row)
            stored.ends[columns[0]] = Int(columns[1])
        }
        for row in try await shop.paymentsRows(
            """
            SELECT order_id, user_id, amount FROM transfers JOIN accounts
                ON account_number = greatest(debit_account, credit_account)
            """)
        {
            let columns = split(row)
            let cents = Int(columns[2]) ?? -1
            if columns[0].isEmpty {
                stored.deposits[columns[1], default: []].append(cents)
            } else {
                let charge = Charge(user: columns[1], cents: cents)
                stored.charges[columns[0], default: []].append(charge)
            }
        }
        for row in try await shop.paymentsRows("SELECT user_id, balance FROM accounts") {
            let columns = split(row)
            stored.balances[columns[0]] = Int(columns[1])
        }
        let parked =
            "SELECT queue, message_id, translate(reason, E'|\\n', '  ') FROM parked_messages"
        for row in try await shop.ordersRows(parked) + shop.paymentsRows(parked) {
            let columns = split(row)
            stored.parked.append((columns[0], columns[1], columns[2]))
        }
        let outbox = "SELECT count(*) FROM outbox"
        stored.waiting = (try await shop.ordersRows(outbox) + shop.paymentsRows(outbox))
            .compactMap { Int($0) }.reduce(0, +)
        return stored
    }

    private static func split(_ row: String) -> [String] {
        let columns = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        return columns + Array(repeating: "", count: max(0, 5 - columns.count))
    }
}
