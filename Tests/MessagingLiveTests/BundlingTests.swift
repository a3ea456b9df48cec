import AMQP
import Messaging
import MessagingLive
import SharedKernel
import Synchronization
import Testing
import TestSupport

/// Bundles between a real publisher, a real broker and real consumers.
@Suite(.timeLimit(.minutes(2)))
struct BundlingTests {
    let stack: TestStack
    let queue: String

    init() async throws {
        stack = try await TestStack.shared()
        queue = stack.freshQueue("bundling")
    }

    private func publisher(bundles: Bool = true) throws -> RabbitPublisher {
        try RabbitPublisher(
            url: stack.brokerURL, routes: ["order_created": queue], appID: "kassa-test",
            bundles: bundles, limits: .patient, logger: RabbitLog().logger)
    }

    private func subscription(_ form: RabbitSubscription.Form) async throws -> RabbitSubscription {
        let subscription = try RabbitSubscription(
            url: stack.brokerURL, queue: queue, form: form, appID: "t", limits: .patient,
            logger: RabbitLog().logger)
        try await subscription.becomesConnected()
        return subscription
    }

    private static func messages(_ numbers: Range<Int>) throws -> [OutboxMessage] {
        try numbers.map { number in
            let digits = String(number)
            let id = String(repeating: "0", count: 12 - digits.count) + digits
            return OutboxMessage(
                id: try #require(MessageID("00000000-0000-7000-8000-\(id)")),
                type: "order_created", payload: Array(#"{"number":\#(number)}"#.utf8), headers: [:],
                createdAt: Timestamp(microseconds: 1_795_000_000_500_000), attempts: 0)
        }
    }

    /// Takes and acknowledges until so many have come.
    private static func take(
        _ count: Int, from subscription: RabbitSubscription
    ) async throws -> [Delivery] {
        var taken: [Delivery] = []
        while taken.count < count {
            let batch = try await subscription.nextBatch(upTo: 256)
            #expect(batch.deliveries.count <= 256)
            taken += batch.deliveries
            try await subscription.acknowledge(batch)
        }
        return taken
    }

    @Test func `messages that wait together come as bundles where a consumer opens them`()
        async throws
    {
        let bundled = try await subscription(.bundled)
        let single = try await subscription(.single)
        let publisher = try publisher()
        let messages = try Self.messages(0..<600)
        let outcomes = try await publisher.publish(messages)
        #expect(outcomes == Array(repeating: .confirmed, count: 600))
        let taken = try await Self.take(600, from: bundled)
        #expect(taken.map(\.messageID) == messages.map(\.id))
        #expect(taken.map(\.body) == messages.map(\.payload))
        #expect(Set(taken.map(\.queue)) == [queue])
        #expect(Set(taken.map(\.sender)) == [publisher.user])
        // One that is alone goes alone.
        let alone = try Self.messages(600..<601)
        #expect(try await publisher.publish(alone) == [.confirmed])
        #expect(try await Self.take(1, from: single).map(\.messageID) == alone.map(\.id))
        await publisher.close()
        await bundled.close()
        await single.close()
    }

    @Test func `consumers that open no bundles get every message, one by one, in order`()
        async throws
    {
        let single = try await subscription(.single)
        let publisher = try publisher()
        let messages = try Self.messages(0..<300)
        let outcomes = try await publisher.publish(messages)
        #expect(outcomes == Array(repeating: .confirmed, count: 300))
        let taken = try await Self.take(300, from: single)
        #expect(taken.map(\.messageID) == messages.map(\.id))
        await publisher.close()
        await single.close()
    }

    @Test func `a publisher that is told not to bundle does not`() async throws {
        let bundled = try await subscription(.bundled)
        let single = try await subscription(.single)
        let publisher = try publisher(bundles: false)
        let messages = try Self.messages(0..<10)
        _ = try await publisher.publish(messages)
        #expect(try await Self.take(10, from: single).map(\.messageID) == messages.map(\.id))
        await publisher.close()
        await bundled.close()
        await single.close()
    }

    @Test func `while who opens bundles is down, they wait for it as bundles`() async throws {
        let bundled = try await subscription(.bundled)
        let single = try await subscription(.single)
        let publisher = try publisher()
        _ = try await publisher.publish(try Self.messages(0..<2))
        _ = try await Self.take(2, from: bundled)
        await bundled.close()
        await single.close()
        let watch = try await AMQPConnection.open(
            BrokerURL(stack.brokerURL), name: "watch", limits: .patient,
            logger: RabbitLog().logger)
        for name in [queue, queue + ".bundles"] {
            try await eventually("nobody consumes") {
                try await watch.consumerCount(of: name) == 0
            }
        }
        await watch.close()
        // After the first bundle the publisher looks who consumes; afterwards it knows.
        for first in [2, 4] {
            _ = try await publisher.publish(try Self.messages(first..<first + 2))
        }
        let again = try await subscription(.bundled)
        let taken = try await Self.take(4, from: again)
        #expect(taken.map(\.messageID) == (try Self.messages(2..<6)).map(\.id))
        await publisher.close()
        await again.close()
    }

    @Test
    func `when only those consume who open no bundles, messages go one by one, and none is lost`()
        async throws
    {
        let bundled = try await subscription(.bundled)
        let single = try await subscription(.single)
        let publisher = try publisher()
        let first = try Self.messages(0..<2)
        _ = try await publisher.publish(first)
        #expect(try await Self.take(2, from: bundled).map(\.messageID) == first.map(\.id))
        await bundled.close()
        // Until the publisher looks for consumers again, bundles wait in their queue.
        let alone = Mutex<[Delivery]>([])
        let reader = Task {
            while true {
                let batch = try await single.nextBatch(upTo: 256)
                alone.withLock { $0 += batch.deliveries }
                try await single.acknowledge(batch)
            }
        }
        var sent = 2
        try await eventually {
            _ = try await publisher.publish(try Self.messages(sent..<sent + 2))
            sent += 2
            return alone.withLock { !$0.isEmpty }
        }
        // The last pair went alone like the one that was seen.
        try await eventually {
            alone.withLock { $0.last?.messageID } == (try Self.messages(sent - 1..<sent))[0].id
        }
        reader.cancel()
        let ids = alone.withLock { $0.compactMap(\.messageID) }
        let again = try await subscription(.bundled)
        let late = try await Self.take(sent - 2 - ids.count, from: again).compactMap(\.messageID)
        let all = Set(first.map(\.id) + ids + late)
        #expect(all == Set(try Self.messages(0..<sent).map(\.id)))
        await publisher.close()
        await again.close()
        await single.close()
    }

    @Test func `a bundle that cannot be opened comes whole, for whoever finds out why`()
        async throws
    {
        let bundled = try await subscription(.bundled)
        let connection = try await AMQPConnection.open(
            try BrokerURL(stack.brokerURL), name: "test sender", limits: .patient,
            logger: RabbitLog().logger)
        try await connection.enableConfirms()
        let results = try await connection.publish([
            AMQPMessage(queue: bundled.source, body: Array("rubbish".utf8), messageID: "x")
        ])
        #expect(results == [.confirmed])
        let taken = try await Self.take(1, from: bundled)
        #expect(taken.map(\.body) == [Array("rubbish".utf8)])
        #expect(taken.map(\.queue) == [queue])
        await connection.close()
        await bundled.close()
    }
}
