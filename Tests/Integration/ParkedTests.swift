import JSON
import LocalStack
import NIOHTTP1
import TestShop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ParkedTests {
    private func kassa(_ shop: Shop, _ arguments: String...) async throws -> CommandOutput {
        try await Command(
            try BuiltProgram.path("kassa"), arguments + ["--gateway", shop.url(.gateway)],
            environment: .withoutServers
        ).run(within: .seconds(60))
    }

    @Test func `a message that was not believed is rehearsed, replayed once, and the order ends`()
        async throws
    {
        // Payments believes somebody who is not there: what Orders announces is parked.
        let shop = try await Shop.open(settings: [.payments: ["TRUSTED_PUBLISHER": "nobody"]])
        try await shop.openAccount("alice", balance: "70")
        let order = try await shop.place("alice", "30")
        try await eventually("its announcement is parked") {
            try await shop.paymentsRows("SELECT count(*) FROM parked_messages") == ["1"]
        }
        let listed = try await kassa(shop, "parked", "list")
        #expect(listed.standardOutput.contains("payments/1"))
        #expect(listed.standardOutput.contains("only 'nobody' may tell this"))
        let shown = try await kassa(shop, "parked", "show", "payments/1")
        #expect(shown.standardOutput.contains(order))

        let doubted = try await kassa(shop, "parked", "replay", "payments/1")
        #expect(!doubted.succeeded && doubted.standardOutput.contains("stays parked: forged"))
        let rehearsed = try await kassa(
            shop, "parked", "replay", "--all", "--believe-sender")
        #expect(
            rehearsed.standardOutput
                == "payments/1  would debit 30.00 from alice: 70.00 → 40.00\n")
        #expect(try await shop.call(.GET, "/accounts/alice/balance")["balance"] == "70.00")
        #expect(try await shop.paymentsRows("SELECT count(*) FROM parked_actions") == ["0"])
        #expect(try await shop.paymentsRows("SELECT count(*) FROM inbox") == ["0"])

        let replayed = try await kassa(
            shop, "parked", "replay", "payments/1", "--believe-sender", "--apply")
        #expect(replayed.standardOutput == "payments/1  debited 30.00 from alice\n")
        let again = try await kassa(
            shop, "parked", "replay", "payments/1", "--believe-sender", "--apply")
        #expect(again.succeeded && again.standardOutput.contains("was replayed before"))
        #expect(
            try await shop.paymentsRows("SELECT action, caller, result FROM parked_actions")
                == ["replay|anonymous|debited 30.00 from alice"])
        #expect(try await shop.call(.GET, "/accounts/alice/balance")["balance"] == "40.00")
        #expect(try await kassa(shop, "parked", "list").standardOutput.isEmpty)
        #expect(
            try await kassa(shop, "parked", "list", "--all").standardOutput.contains("replayed"))
        await shop.close()
    }

    @Test func `an outcome that nobody believes is replayed at Orders; one more is set aside`()
        async throws
    {
        let shop = try await Shop.open(settings: [.orders: ["TRUSTED_PUBLISHER": "nobody"]])
        try await shop.openAccount("alice", balance: "70")
        let (paid, other) = (
            try await shop.place("alice", "30"), try await shop.place("alice", "1")
        )
        try await eventually("both outcomes are parked") {
            try await shop.ordersRows("SELECT count(*) FROM parked_messages") == ["2"]
        }
        let replayed = try await kassa(
            shop, "parked", "replay", "--all", "--believe-sender", "--apply", "--json")
        #expect(replayed.succeeded && replayed.standardOutput.contains("ended order \(paid): PAID"))
        #expect(try await shop.settled(other)["status"] == "PAID")
        #expect(try await kassa(shop, "audit", "--at-rest").succeeded)

        let trace = try await shop.call(.GET, "/orders/\(paid)/trace")
        let steps = trace.json["steps"]?.array?.compactMap { $0["step"]?.string }
        #expect(
            steps
                == ["accepted", "published", "received", "charged", "told", "settled", "parked"])
        let told = try await kassa(shop, "trace", paid)
        #expect(told.standardOutput.contains("    30.00 from alice, transfer "))
        #expect(told.standardOutput.contains("    orders/1: forged"))
        let unknown = try await shop.call(
            .GET, "/orders/01a2033e-9796-7000-bcd0-34327d45d9d9/trace")
        #expect(unknown.status == 404)

        _ = try await shop.ordersRows(
            "INSERT INTO parked_messages (queue, body, reason) VALUES ('q', '\\x00', 'poison')")
        let rehearsed = try await kassa(shop, "parked", "discard", "orders/3")
        #expect(rehearsed.standardOutput == "orders/3  would be discarded: poison\n")
        #expect(try await kassa(shop, "parked", "discard", "orders/3", "--apply").succeeded)
        #expect(
            try await shop.ordersRows("SELECT state FROM parked_messages WHERE parked_id = 3")
                == ["discarded"])
        #expect(!(try await kassa(shop, "parked", "replay", "orders/3", "--apply").succeeded))
        await shop.close()
    }
}
