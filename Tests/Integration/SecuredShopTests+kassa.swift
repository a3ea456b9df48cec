import AMQP
import Foundation
import LocalStack
import TestShop
import TestSupport
import Testing

/// The operator's program against a gateway that speaks TLS and asks for tokens.
extension SecuredShopTests {
    /// Runs `kassa` with a token of this role and the stack's authority, or without.
    private func kassa(
        _ shop: Shop, as role: String?, trusts: Bool = true, _ arguments: String...
    ) async throws -> CommandOutput {
        let security = try #require(shop.security)
        var all = arguments + ["--gateway", shop.url(.gateway)]
        if let role { all += ["--token-file", security.tokenFile(role)] }
        if trusts { all += ["--ca-file", security.certificates.authority] }
        return try await Command(
            try BuiltProgram.path("kassa"), all, environment: .withoutServers
        ).run(within: .seconds(120))
    }

    @Test func `books are audited, orders traced and messages judged over TLS, with a token alone`()
        async throws
    {
        try await withShop { shop, _ in
            #expect(shop.url(.gateway).hasPrefix("https://"))
            try await shop.openAccount("alice", balance: "100")
            let order = try await shop.place("alice", "42.50")
            #expect(try await shop.settled(order)["status"] == "PAID")
            let lie = #"{"user_id":"alice","order_id":"\#(order)","amount":42.50}"#
            try await shop.publish(
                [
                    AMQPMessage(
                        queue: "payment_failed", body: Array(lie.utf8),
                        messageID: UUID().uuidString, type: "payment_failed")
                ], as: "orders")
            try await eventually("it is parked") {
                try await shop.ordersRows("SELECT count(*) FROM parked_messages") == ["1"]
            }

            let audit = try await kassa(shop, as: "viewer", "audit", "--at-rest")
            #expect(audit.succeeded && audit.standardOutput.contains("the books balance"))
            let trace = try await kassa(shop, as: "viewer", "trace", order)
            let steps = [
                "accepted", "published", "received", "charged", "told", "settled", "parked",
            ]
            #expect(steps.allSatisfy { trace.standardOutput.contains("  \($0)  ") }, "\(trace)")
            let listed = try await kassa(shop, as: "viewer", "parked", "list")
            #expect(listed.standardOutput.contains("forged"), "\(listed)")
            let id = try #require(
                listed.standardOutput.split(separator: " ").first.map(String.init))
            let shown = try await kassa(shop, as: "viewer", "parked", "show", id)
            #expect(shown.standardOutput.contains(order), "\(shown)")
            let rehearsed = try await kassa(
                shop, as: "viewer", "parked", "replay", id, "--believe-sender")
            #expect(rehearsed.standardOutput.contains("stays parked: order is PAID already"))

            // To look is a viewer's; to decide is not, and what was decided has a name.
            let refused = try await kassa(shop, as: "viewer", "parked", "discard", id, "--apply")
            #expect(!refused.succeeded && refused.standardError.contains("operator"), "\(refused)")
            let discarded = try await kassa(
                shop, as: "operator", "parked", "discard", id, "--apply")
            #expect(discarded.succeeded, "\(discarded)")
            #expect(
                try await shop.ordersRows("SELECT action, caller FROM parked_actions")
                    == ["discard|operator"])
            #expect(try await kassa(shop, as: "viewer", "audit", "--at-rest").succeeded)

            // Without a token, and without trust in the certificate, nothing is told.
            for output in [
                try await kassa(shop, as: nil, "audit"),
                try await kassa(shop, as: nil, "trace", order),
                try await kassa(shop, as: nil, "parked", "list"),
                try await kassa(shop, as: "operator", trusts: false, "trace", order),
            ] {
                #expect(!output.succeeded && output.standardOutput.isEmpty, "\(output)")
                #expect(output.standardError.hasPrefix("kassa: "), "\(output)")
            }
        }
    }
}
