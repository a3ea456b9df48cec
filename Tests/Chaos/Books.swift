import TestShop
import TestSupport

/// The invariants that hold once nothing is in flight, read from what both services have stored.
struct Books: Sendable, Equatable {
    /// Accepted orders that are nowhere, or have no end.
    var lost = 0
    /// Orders with more than one debit or more than one end.
    var doubled = 0
    /// Debits without a PAID order, and PAID orders without one.
    var unmatched = 0
    /// Cents by which a user's deposits minus debits differ from the balance, summed over users.
    var moneyError = 0
    /// Messages that still wait in an outbox, or lie parked.
    var leftOver = 0

    /// Waits until nothing is in flight, then reads.
    static func closed(of shop: Shop, accepted: [String]) async throws -> Books {
        try await eventually(within: .seconds(120), "every order has its end") {
            let pending = try await shop.ordersRows(
                "SELECT count(*) FROM orders WHERE status = 'PENDING'")
            let waiting = try await shop.ordersRows("SELECT count(*) FROM outbox")
            let telling = try await shop.paymentsRows("SELECT count(*) FROM outbox")
            return pending == ["0"] && waiting == ["0"] && telling == ["0"]
        }
        var books = Books()
        let orders = pairs(try await shop.ordersRows("SELECT order_id, status FROM orders"))
        books.lost = accepted.count { orders[$0] == nil }

        let ends = pairs(
            try await shop.ordersRows(
                "SELECT order_id, count(*) FROM order_history GROUP BY order_id"))
        let debits = pairs(
            try await shop.paymentsRows(
                """
                SELECT order_id, count(*) FROM transfers WHERE order_id IS NOT NULL
                GROUP BY order_id
                """))
        books.doubled =
            ends.values.count { $0 != "1" } + debits.values.count { $0 != "1" }
            + max(0, orders.count - ends.count)
        let paid = Set(orders.filter { $0.value == "PAID" }.keys)
        books.unmatched = paid.symmetricDifference(debits.keys).count

        let error = try await shop.paymentsRows(
            """
            SELECT coalesce(sum(abs(balance - moved)), 0) FROM (
                SELECT balance, coalesce(sum(
                    CASE WHEN credit_account = account_number THEN amount ELSE -amount END), 0)
                    AS moved
                FROM accounts LEFT JOIN transfers
                    ON account_number IN (debit_account, credit_account)
                GROUP BY account_number) AS account
            """)
        let sold = try await shop.ordersRows(
            "SELECT coalesce(sum(amount), 0) FROM orders WHERE status = 'PAID'")
        let earned = try await shop.paymentsRows(
            "SELECT coalesce(sum(amount), 0) FROM transfers WHERE credit_account = -1")
        books.moneyError =
            (error.first.flatMap { Int($0) } ?? -1)
            + abs((sold.first.flatMap { Int($0) } ?? -1) - (earned.first.flatMap { Int($0) } ?? -2))

        let parked = "SELECT count(*) FROM parked_messages"
        books.leftOver = [
            try await shop.ordersRows(parked), try await shop.paymentsRows(parked),
        ].count { $0 != ["0"] }
        return books
    }

    private static func pairs(_ rows: [String]) -> [String: String] {
        Dictionary(
            rows.map { row in
                let columns = row.split(separator: "|", omittingEmptySubsequences: false)
                return (String(columns.first ?? ""), String(columns.last ?? ""))
            }, uniquingKeysWith: { first, _ in first })
    }
}
