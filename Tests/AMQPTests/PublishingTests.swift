import AMQP
import Logging
import Testing

/// The publishing half against the real broker.
@Suite(.timeLimit(.minutes(2)))
struct PublishingTests {
    let broker: RealBroker

    init() async throws { broker = try await RealBroker() }

    @Test func `two thousand messages are confirmed and arrive in their order`() async throws {
        let queue = broker.freshQueue("order")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        for first in stride(from: 0, to: 2_000, by: AMQPLimits.window) {
            let numbers = first..<min(first + AMQPLimits.window, 2_000)
            let results = try await publisher.publish(
                numbers.map { RealBroker.message($0, to: queue) })
            #expect(results == Array(repeating: .confirmed, count: numbers.count))
        }
        var bodies: [String] = []
        while bodies.count < 2_000 {
            let batch = try await consumer.nextDeliveries(upTo: 256)
            bodies += batch.map { String(decoding: $0.body, as: UTF8.self) }
            try await consumer.acknowledge(through: try #require(batch.last).tag)
        }
        #expect(bodies == (0..<2_000).map(String.init))
        await publisher.close()
        await consumer.close()
    }

    @Test func `properties, headers and a nasty body arrive as they were sent`() async throws {
        let queue = broker.freshQueue("properties")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        let message = AMQPMessage(
            queue: queue, body: [0, 255, 10, 0xCE, 0], messageID: "id-ü", type: "order_created",
            appID: "kassa-orders", timestamp: 1_795_000_000,
            headers: ["traceparent": "00-ab-cd-01", "empty": "", "ünïcode": "€"])
        #expect(try await publisher.publish([message]) == [.confirmed])
        let delivery = try #require(try await RealBroker.take(1, from: consumer).first)
        #expect(delivery.body == message.body)
        #expect(delivery.routingKey == queue)
        #expect(!delivery.isRedelivered)
        #expect(delivery.properties.messageID == message.messageID)
        #expect(delivery.properties.type == message.type)
        #expect(delivery.properties.appID == message.appID)
        #expect(delivery.properties.timestamp == message.timestamp)
        #expect(delivery.properties.headers == message.headers)
        #expect(delivery.properties.contentType == "application/json")
        #expect(delivery.properties.deliveryMode == 2)
        #expect(delivery.properties.userID == broker.url.user)
        await publisher.close()
        await consumer.close()
    }

    @Test func `an empty body and a body of a megabyte arrive whole`() async throws {
        let queue = broker.freshQueue("size")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        let big = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for body in [[], big, []] {
            let message = AMQPMessage(queue: queue, body: body, messageID: "m")
            #expect(try await publisher.publish([message]) == [.confirmed])
            #expect(try await RealBroker.take(1, from: consumer).first?.body == body)
        }
        await publisher.close()
        await consumer.close()
    }

    @Test func `a missing queue is reported for exactly its messages`() async throws {
        let queue = broker.freshQueue("good")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        let gone = broker.freshQueue("never-declared")
        let lost: Set = [0, 7, 63, 99]
        let results = try await publisher.publish(
            (0..<100).map { RealBroker.message($0, to: lost.contains($0) ? gone : queue) })
        #expect(results.count == 100)
        for (number, result) in results.enumerated() {
            let expected: PublishResult =
                lost.contains(number) ? .returned(code: 312, text: "NO_ROUTE") : .confirmed
            #expect(result == expected, "message \(number)")
        }
        #expect(try await RealBroker.take(96, from: consumer).count == 96)
        await publisher.close()
        await consumer.close()
    }

    @Test func `a message that AMQP cannot carry is refused and the connection lives on`()
        async throws
    {
        let queue = broker.freshQueue("bounds")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        var message = RealBroker.message(1, to: queue)
        message.headers = ["trace": String(repeating: "x", count: 200_000)]
        let error = await #expect(throws: AMQPError.self) {
            try await publisher.publish([RealBroker.message(0, to: queue), message])
        }
        #expect(error?.code == .invalidMessage)
        #expect(error?.isTransient == false)
        #expect(try await publisher.publish([RealBroker.message(2, to: queue)]) == [.confirmed])
        // Nothing of the refused call was sent.
        #expect(try await RealBroker.take(1, from: consumer).first?.body == Array("2".utf8))
        await publisher.close()
        await consumer.close()
    }

    @Test func `a wrong password is told without the password`() async throws {
        let wrong = try BrokerURL(
            "amqp://\(broker.url.user):s3cret@\(broker.url.host):\(broker.url.port)/")
        let error = await #expect(throws: AMQPError.self) {
            _ = try await AMQPConnection.open(wrong, name: "t", logger: Logger(label: "test"))
        }
        #expect(error?.code == .accessRefused)
        #expect(error?.replyCode == 403)
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.message.contains("refused") == true)
    }
}
