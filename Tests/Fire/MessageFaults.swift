import AMQP
import Foundation
import JSON
import LocalStack
import Logging
import TestShop
import TestSupport

/// Puts messages on the queues that should not be there: copies, lies and rubbish.
struct MessageFaults: Sendable {
    let shop: Shop
    let record: ClientRecord
    let watcher: Watcher

    /// - Throws: `AMQPError` where the broker takes nothing now.
    func carryOut(_ strike: Strike) async throws {
        switch strike.kind {
        case .duplicates: try await copy(times: strike.number)
        case .contradictions: try await contradict()
        default: try await poison()
        }
    }

    /// Announces the newest orders again, half of them without a message id, as the older
    /// generation did.
    private func copy(times: Int) async throws {
        let messages = record.recentOrders(20).flatMap { intent, id in
            let body: JSONValue = [
                "order_id": .string(id), "user_id": .string(intent.user),
                "amount": .number(intent.amount), "description": .string(intent.mark),
            ]
            return (0..<times).map { number in
                AMQPMessage(
                    queue: shop.queues.orderCreated, body: body.encoded,
                    messageID: number.isMultiple(of: 2) ? id : "legacy", type: "order_created")
            }
        }
        try await publish(messages)
        record.copied(messages.count)
    }

    /// Tells the contrary of orders that have their end.
    private func contradict() async throws {
        // It may come before the first order has ended.
        _ = try await poll(within: .seconds(10)) {
            await watcher.statuses.values.contains { $0 != "PENDING" }
        }
        let ends = await watcher.statuses
        let messages = record.recentOrders(5_000).compactMap { intent, id -> AMQPMessage? in
            guard let end = ends[id], end != "PENDING" else { return nil }
            return lie(of: intent, id, end: end)
        }
        guard !messages.isEmpty else { throw StackError("no order has its end yet") }
        try await plant(Array(messages.prefix(20)))
    }

    /// `payment_failed` for an order that is PAID, and the reverse.
    private func lie(of intent: Intent, _ id: String, end: String) -> AMQPMessage {
        let isPaid = end == "PAID"
        let body: JSONValue = [
            "order_id": .string(id), "user_id": .string(intent.user),
            "amount": .number(intent.amount), "reason": "insufficient_funds",
        ]
        return AMQPMessage(
            queue: isPaid ? shop.queues.paymentFailed : shop.queues.paymentSuccess,
            body: body.encoded, messageID: UUID().uuidString.lowercased(),
            type: isPaid ? "payment_failed" : "payment_success")
    }

    /// Tells the contrary of twenty PAID orders and of twenty FAILED ones, at rest: what the broker
    /// confirms now is not lost again, so Orders must have parked each when this returns.
    ///
    /// - Throws: where the broker took them not, or where they are not parked after a minute.
    func contradictAtRest() async throws {
        let ends = await watcher.statuses
        let orders = record.recentOrders(5_000)
        var lies: [String: ClientRecord.Contrary] = [:]
        var messages: [AMQPMessage] = []
        for end in ["PAID", "FAILED"] {
            for (intent, id) in orders.filter({ ends[$0.id] == end }).prefix(20) {
                let message = lie(of: intent, id, end: end)
                lies[message.messageID] = ClientRecord.Contrary(order: id, end: end)
                messages.append(message)
            }
        }
        try await plant(messages)
        record.contradicted(lies)
        let ids = lies.keys.map { "'\($0)'" }.joined(separator: ", ")
        guard !ids.isEmpty else { return }
        try await eventually(within: .seconds(60), "each contrary outcome is parked") {
            try await shop.ordersRows(
                "SELECT count(*) FROM parked_messages WHERE message_id IN (\(ids))")
                == ["\(lies.count)"]
        }
    }

    private func poison() async throws {
        let bodies: [[UInt8]] = [
            Array("not json".utf8), [0xFF, 0x00, 0xFE], Array("{}".utf8), [],
            Array(#"{"order_id":"x","user_id":"alice","amount":1}"#.utf8),
            Array(String(repeating: "[", count: 5_000).utf8),
            Array(#"{"order_id":null,"user_id":7,"amount":"NaN"}"#.utf8),
        ]
        try await plant(
            shop.queues.all.flatMap { queue in
                bodies.map {
                    AMQPMessage(
                        queue: queue, body: $0, messageID: UUID().uuidString.lowercased())
                }
            })
    }

    /// Publishes what must be parked. Noted before: it may arrive though nobody says so.
    private func plant(_ messages: [AMQPMessage]) async throws {
        record.planted(messages.map(\.messageID))
        try await publish(messages)
    }

    private func publish(_ messages: [AMQPMessage]) async throws {
        guard !messages.isEmpty else { return }
        let connection = try await AMQPConnection.open(
            BrokerURL(shop.stack.brokerURL), name: "kassa-fire",
            logger: Logger(label: "kassa-fire"))
        do {
            try await connection.enableConfirms()
            _ = try await connection.publish(messages)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
