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
        let orders = try await pages(
            """
            SELECT order_id, user_id, amount, status, description, coalesce(ends, 0)
            FROM orders LEFT JOIN
                (SELECT order_id, count(*) AS ends FROM order_history GROUP BY order_id) AS history
                USING (order_id)
            ORDER BY order_id
            """, shop.ordersRows)
        for row in orders {
            let columns = split(row)
            stored.orders[columns[0]] = Order(
                user: columns[1], cents: Int(columns[2]) ?? -1, status: columns[3],
                mark: columns[4])
            stored.ends[columns[0]] = Int(columns[5])
        }
        let transfers = try await pages(
            """
            SELECT order_id, user_id, amount FROM transfers JOIN accounts
                ON account_number = greatest(debit_account, credit_account)
            ORDER BY transfer_id
            """, shop.paymentsRows)
        for row in transfers {
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
        let parked = """
            SELECT queue, message_id, translate(reason, E'|\\n', '  ')
            FROM parked_messages ORDER BY parked_id
            """
        let ofBoth = try await pages(parked, shop.ordersRows) + pages(parked, shop.paymentsRows)
        for row in ofBoth {
            let columns = split(row)
            stored.parked.append((columns[0], columns[1], columns[2]))
        }
        let outbox = "SELECT count(*) FROM outbox"
        stored.waiting = (try await shop.ordersRows(outbox) + shop.paymentsRows(outbox))
            .compactMap { Int($0) }.reduce(0, +)
        return stored
    }

    /// All rows of a query that has an order, some at a time: what a program prints has a bound.
    private static func pages(
        _ query: String, _ ask: (String) async throws -> [String]
    ) async throws -> [String] {
        let size = 4_000
        var rows: [String] = []
        while true {
            let page = try await ask("\(query) LIMIT \(size) OFFSET \(rows.count)")
            rows += page
            if page.count < size { return rows }
        }
    }

    private static func split(_ row: String) -> [String] {
        let columns = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        return columns + Array(repeating: "", count: max(0, 6 - columns.count))
    }
}
