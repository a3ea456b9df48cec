import AMQP
import Foundation
import JSON
import Logging
import NIOHTTP1
import TestShop
import TestSupport
import Testing

/// What the broker may bring: repeats, contradictions and poison.
@Suite struct MessageTests {
    @Test func `the same order announced fifty times is charged once`() async throws {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "100")
        let order = UUID().uuidString.lowercased()
        let event: JSONValue = [
            "order_id": .string(order), "user_id": "alice", "amount": .number("30.00"),
            "description": "legacy",
        ]
        // Half of them as the reference project sends them: with a fresh id each time.
        try await shop.publish(
            (0..<50).map { number in
                AMQPMessage(
                    queue: shop.queues.orderCreated, body: event.encoded,
                    messageID: number.isMultiple(of: 2) ? order : UUID().uuidString)
            })
        try await eventually("all fifty are in the inbox") {
            try await shop.paymentsRows("SELECT count(*) FROM inbox") == ["26"]
        }
        #expect(try await shop.call(.GET, "/accounts/alice/balance")["balance"] == "70.00")
        #expect(
            try await shop.paymentsRows("SELECT count(*) FROM transfers WHERE order_id IS NOT NULL")
                == ["1"])
        #expect(try await shop.paymentsRows("SELECT count(*) FROM outcomes") == ["1"])
        await shop.close()
    }

    @Test func `an outcome that contradicts a settled order changes nothing and is parked`()
        async throws
    {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "100")
        let id = try await shop.place("alice", "30")
        #expect(try await shop.settled(id)["status"] == "PAID")
        let lie: JSONValue = [
            "order_id": .string(id), "user_id": "alice", "amount": .number("30.00"),
            "reason": "insufficient_funds",
        ]
        try await shop.publish([
            AMQPMessage(
                queue: shop.queues.paymentFailed, body: lie.encoded,
                messageID: UUID().uuidString, type: "payment_failed")
        ])
        try await eventually("the lie is parked") {
            try await shop.ordersRows("SELECT count(*) FROM parked_messages") == ["1"]
        }
        let reason = try await shop.ordersRows("SELECT reason FROM parked_messages")
        #expect(reason == ["contradiction: order is PAID already"])
        let after = try await shop.call(.GET, "/orders/\(id)")
        #expect(after["status"] == "PAID" && after.json["history"]?.array?.count == 2)
        #expect(try await shop.call(.GET, "/accounts/alice/balance")["balance"] == "70.00")
        await shop.close()
    }

    @Test func `poison is parked with its bytes, and what comes behind it is handled`()
        async throws
    {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "100")
        let poison: [[UInt8]] = [
            Array("not json".utf8), [0xFF, 0x00, 0xFE], Array("{}".utf8), [],
            Array(#"{"order_id":"x","user_id":"alice","amount":1}"#.utf8),
            Array(String(repeating: "[", count: 5_000).utf8),
        ]
        try await shop.publish(
            poison.map {
                AMQPMessage(
                    queue: shop.queues.orderCreated, body: $0, messageID: UUID().uuidString)
            })
        #expect(try await shop.settled(shop.place("alice", "30"))["status"] == "PAID")
        let bodies = try await shop.paymentsRows(
            "SELECT encode(body, 'hex') || '.' FROM parked_messages ORDER BY parked_id")
        #expect(bodies == poison.map { $0.map { hex($0) }.joined() + "." })
        await shop.close()
    }

    private func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

extension Shop {
    /// Puts messages on the broker as any sender may, and waits for its confirms.
    func publish(_ messages: [AMQPMessage]) async throws {
        var limits = AMQPLimits()
        limits.request = .seconds(60)
        limits.confirm = .seconds(60)
        let connection = try await AMQPConnection.open(
            BrokerURL(stack.brokerURL), name: "test", limits: limits,
            logger: Logger(label: "test"))
        try await connection.enableConfirms()
        let results = try await connection.publish(messages)
        await connection.close()
        #expect(results.allSatisfy { $0 == .confirmed })
    }
}
