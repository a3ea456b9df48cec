import JSON
import LocalStack
import NIOHTTP1
import TestShop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct AuditTests {
    private struct Ending {
        let code: Int
        let output: String
    }

    /// Runs the real program by way of a shell, which tells the exit code.
    private func audit(_ shop: Shop, _ arguments: String...) async throws -> Ending {
        let told = try await Command(
            "/bin/sh",
            [
                "-c", #""$0" "$@"; echo "exit $?""#, try BuiltProgram.path("kassa"), "audit",
                "--gateway", shop.url(.gateway),
            ] + arguments, environment: .withoutServers
        ).run(within: .seconds(120))
        let lines = told.standardOutput.split(separator: "\n")
        let code = lines.last.flatMap { Int($0.dropFirst("exit ".count)) }
        return Ending(
            code: try #require(code), output: lines.dropLast().joined(separator: "\n"))
    }

    /// Rows of the kinds that only damage leaves, each done to an order or account of its own.
    private enum Damage: String, CaseIterable {
        case statusChanged, debitDeleted, orderDeleted, decisionTurned, debitDoubled
        case debitOfAnotherAmount, refusedButDebited, historyTurned, forgottenByJanitor

        func orders(_ id: String) -> String? {
            switch self {
            case .statusChanged: "UPDATE orders SET status = 'FAILED' WHERE order_id = '\(id)'"
            case .orderDeleted: "DELETE FROM orders WHERE order_id = '\(id)'"
            case .historyTurned:
                """
                INSERT INTO order_history (order_id, user_id, status)
                    VALUES ('\(id)', 'x', 'FAILED')
                """
            case .forgottenByJanitor:
                """
                UPDATE orders SET status = 'PENDING' WHERE order_id = '\(id)';
                DELETE FROM order_history WHERE order_id = '\(id)'
                """
            default: nil
            }
        }

        func payments(_ id: String) -> String? {
            switch self {
            case .debitDeleted: "DELETE FROM transfers WHERE order_id = '\(id)'"
            case .decisionTurned:
                """
                UPDATE outcomes SET is_paid = false WHERE order_id = '\(id)';
                DELETE FROM transfers WHERE order_id = '\(id)'
                """
            case .debitDoubled:
                """
                ALTER TABLE transfers DROP CONSTRAINT IF EXISTS transfers_one_per_order;
                INSERT INTO transfers (transfer_id, debit_account, credit_account, amount, order_id)
                    SELECT gen_random_uuid(), debit_account, credit_account, amount, order_id
                    FROM transfers WHERE order_id = '\(id)'
                """
            case .debitOfAnotherAmount:
                "UPDATE transfers SET amount = amount + 1 WHERE order_id = '\(id)'"
            case .refusedButDebited:
                "UPDATE outcomes SET is_paid = false WHERE order_id = '\(id)'"
            default: nil
            }
        }
    }

    @Test func `the books of a busy shop balance, and each damage is named`() async throws {
        let shop = try await Shop.open()
        for damage in Damage.allCases {
            try await shop.openAccount("\(damage)", balance: "10")
        }
        for user in ["alice", "poor", "rich"] {
            try await shop.openAccount(user, balance: "100")
        }
        let busy = try await audit(shop)
        #expect(busy.code == 0, "\(busy.output)")
        var orders: [Damage: String] = [:]
        for damage in Damage.allCases { orders[damage] = try await shop.place("\(damage)", "1.25") }
        let sound = try await shop.place("alice", "1.25")
        for order in orders.values + [sound] { _ = try await shop.settled(order) }
        let whole = try await audit(shop, "--at-rest")
        #expect(whole.code == 0 && whole.output.contains("10, 0 in flight"), "\(whole.output)")
        #expect(whole.output.contains("the books balance"))

        for (damage, order) in orders {
            if let sql = damage.orders(order) { _ = try await shop.ordersRows(sql) }
            if let sql = damage.payments(order) { _ = try await shop.paymentsRows(sql) }
        }
        _ = try await shop.paymentsRows(
            """
            ALTER TABLE accounts DROP CONSTRAINT accounts_balance_range;
            UPDATE accounts SET balance = -1 WHERE user_id = 'poor';
            UPDATE accounts SET balance = balance + 1 WHERE user_id = 'rich';
            INSERT INTO transfers (transfer_id, debit_account, credit_account, amount)
                VALUES ('00000000-0000-7000-8000-000000000001', 0, 1000, 5)
            """)
        let broken = try await audit(shop)
        #expect(broken.code == 1)
        for (damage, order) in orders {
            #expect(broken.output.contains("\(order): "), "\(damage)")
        }
        for subject in [
            "poor: the balance is -0.01", "rich: the balance is 100.01", "account number 1000: ",
            "debitDeleted: the balance is 8.75, the movements come to 10.00",
        ] {
            #expect(broken.output.contains(subject), "\(subject) in \(broken.output)")
        }
        #expect(!broken.output.contains(sound) && !broken.output.contains("alice"))
        let json = try await audit(shop, "--json")
        let told = try JSONValue(parsing: Array(json.output.utf8))
        #expect(told["balances"] == .boolean(false))
        #expect(told["findings"]?.array?.contains { $0["subject"]?.string == "poor" } == true)

        try await shop.process(.payments).kill()
        let blind = try await audit(shop)
        #expect(blind.code == 3, "what cannot be audited is neither right nor wrong")
        await shop.close()
    }

    @Test func `while orders pour in nothing is called wrong`() async throws {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "1000")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while !Task.isCancelled { _ = try? await shop.place("alice", "0.01") }
                }
            }
            for _ in 0..<5 {
                let report = try await audit(shop)
                #expect(report.code == 0, "\(report.output)")
            }
            group.cancelAll()
        }
        await shop.close()
    }

    @Test func `the gateway tells how the books stand to whoever asks`() async throws {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "100")
        let order = try await shop.place("alice", "1.25")
        _ = try await shop.settled(order)
        var last = try await shop.call(.GET, "/audit")
        #expect(last["state"] == "unknown")
        try await eventually("an audit has ended") {
            last = try await shop.call(.GET, "/audit")
            return last["state"] != "unknown"
        }
        #expect(last["state"] == "balanced" && last["orders"] == "1" && last["accounts"] == "1")
        _ = try await shop.paymentsRows("DELETE FROM transfers WHERE order_id = '\(order)'")
        try await eventually("the damage is seen") {
            last = try await shop.call(.GET, "/audit")
            return last["state"] == "wrong"
        }
        let finding = last.json["latest"]?["findings"]?.array?.first
        #expect(finding?["subject"]?.string == order)
        await shop.close()
    }
}
