import Foundation
import JSON
import LocalStack
import NIOHTTP1
import TestShop
import TestSupport
import Testing

/// Half of the shop is Kassa's, the other half is played by aio-pika in Python: transient messages
/// without ids, types and trace headers, amounts in doubles.
@Suite(.enabled(if: PythonTools.isPrepared, "\(PythonTools.advice)"))
struct MixedGenerationTests {
    /// The other half's messages name no publisher.
    private static let settings: [Shop.Daemon: [String: String]] = [
        .orders: ["ACCEPT_UNSIGNED_MESSAGES": "true"],
        .payments: ["ACCEPT_UNSIGNED_MESSAGES": "true"],
    ]

    @Test func `Kassa's Payments settles the orders of an older order service`() async throws {
        let shop = try await Shop.open(daemons: [.payments], settings: Self.settings)
        for call in [("/accounts", JSONValue.string("alice")), ("/accounts", "poor")] {
            let opened = try await shop.call(.POST, call.0, ["user_id": call.1], at: .payments)
            #expect(opened.status == 201)
        }
        let filled = try await shop.call(
            .POST, "/accounts/alice/deposit", ["amount": .number("100")], at: .payments)
        #expect(filled.status == 200)
        let orders = [
            ("alice", "19.900000000000002"), ("alice", "0.30000000000000004"),
            ("alice", "9.999999999999998"), ("poor", "5.1"), ("nobody", "1.0"),
        ].map { user, amount -> (id: String, json: JSONValue) in
            let id = UUID().uuidString.lowercased()
            return (
                id,
                [
                    "order_id": .string(id), "user_id": .string(user),
                    "amount": .number(amount), "description": "legacy",
                ]
            )
        }
        let printed = try await PythonTools.play(
            "legacy_orders.py", in: shop, JSONValue.array(orders.map(\.json)).text)
        let (paid, failed) = (shop.queues.paymentSuccess, shop.queues.paymentFailed)
        let expected = [
            (paid, "19.9"), (paid, "0.3"), (paid, "10.0"), (failed, "5.1"), (failed, "1.0"),
        ]
        #expect(
            printed.split(separator: "\n").map(String.init)
                == zip(orders, expected).map { "\($0.id) \($1.0) \($1.1)" })
        let rest = try await shop.call(.GET, "/accounts/alice/balance", at: .payments)
        #expect(rest["balance"] == "69.80")
        #expect(try await shop.paymentsRows("SELECT count(*) FROM outcomes") == ["5"])
        #expect(try await shop.paymentsRows("SELECT count(*) FROM parked_messages") == ["0"])
        await shop.close()
    }

    @Test func `Kassa's Orders understands an older payment service, which gives no reason`()
        async throws
    {
        let shop = try await Shop.open(settings: Self.settings)
        // The older one takes its place: Kassa's own must not come back, or it takes the orders.
        try await shop.process(.payments).kill()
        let paid = try await shop.place("alice", "19.90")
        let failed = try await shop.place("alice", "70.10")
        let printed = try await PythonTools.play("legacy_payments.py", in: shop, "2")
        #expect(printed.contains(paid) && printed.contains(failed))
        #expect(try await shop.settled(paid)["status"] == "PAID")
        let refused = try await shop.settled(failed)
        #expect(refused["status"] == "FAILED")
        #expect(refused.json["failure_reason"]?.string == nil)
        #expect(try await shop.ordersRows("SELECT count(*) FROM parked_messages") == ["0"])
        await shop.close()
    }
}

extension PythonTools {
    /// Runs a program of the other generation to its end and gives what it printed.
    fileprivate static func play(
        _ script: String, in shop: Shop, _ last: String
    ) async throws -> String {
        try await command(
            "python", script: script,
            [
                shop.stack.brokerURL, shop.queues.orderCreated, shop.queues.paymentSuccess,
                shop.queues.paymentFailed, last,
            ]
        ).runOrThrow(within: .seconds(120))
    }
}
