import AMQP
import Logging
import Testing
import TestSupport

/// The connection against the real broker.
@Suite(.timeLimit(.minutes(2)))
struct BrokerTests {
    let stack: TestStack
    let url: BrokerURL

    init() async throws {
        stack = try await TestStack.shared()
        url = try BrokerURL(stack.brokerURL)
    }

    private func connect() async throws -> AMQPConnection {
        try await AMQPConnection.open(
            url, name: "AMQPTests", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func publisher() async throws -> AMQPConnection {
        let connection = try await connect()
        try await connection.enableConfirms()
        return connection
    }

    private func consumer(_ queue: String, prefetch: UInt16 = 256) async throws -> AMQPConnection {
        let connection = try await connect()
        try await connection.declareQueue(queue)
        try await connection.consume(queue, prefetch: prefetch)
        return connection
    }

    private static func message(_ number: Int, to queue: String) -> AMQPMessage {
        AMQPMessage(queue: queue, body: Array("\(number)".utf8), messageID: "m\(number)")
    }

    private static func take(
        _ count: Int, from connection: AMQPConnection
    ) async throws -> [AMQPDelivery] {
        var taken: [AMQPDelivery] = []
        while taken.count < count {
            taken += try await connection.nextDeliveries(upTo: count - taken.count)
        }
        return taken
    }

    @Test func `two thousand messages are confirmed and arrive in their order`() async throws {
        let queue = stack.freshQueue("order")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        for first in stride(from: 0, to: 2_000, by: AMQPLimits.window) {
            let numbers = first..<min(first + AMQPLimits.window, 2_000)
            let results = try await publisher.publish(
                numbers.map { Self.message($0, to: queue) })
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
        let queue = stack.freshQueue("properties")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        let message = AMQPMessage(
            queue: queue, body: [0, 255, 10, 0xCE, 0], messageID: "id-ü", type: "order_created",
            appID: "kassa-orders", timestamp: 1_795_000_000,
            headers: ["traceparent": "00-ab-cd-01", "empty": "", "ünïcode": "€"])
        #expect(try await publisher.publish([message]) == [.confirmed])
        let delivery = try #require(try await Self.take(1, from: consumer).first)
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
        #expect(delivery.properties.userID == url.user)
        await publisher.close()
        await consumer.close()
    }

    @Test func `an empty body and a body of a megabyte arrive whole`() async throws {
        let queue = stack.freshQueue("size")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        let big = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for body in [[], big, []] {
            let message = AMQPMessage(queue: queue, body: body, messageID: "m")
            #expect(try await publisher.publish([message]) == [.confirmed])
            #expect(try await Self.take(1, from: consumer).first?.body == body)
        }
        await publisher.close()
        await consumer.close()
    }

    @Test func `a missing queue is reported for exactly its messages`() async throws {
        let queue = stack.freshQueue("good")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        let gone = stack.freshQueue("never-declared")
        let lost: Set = [0, 7, 63, 99]
        let results = try await publisher.publish(
            (0..<100).map { Self.message($0, to: lost.contains($0) ? gone : queue) })
        #expect(results.count == 100)
        for (number, result) in results.enumerated() {
            let expected: PublishResult =
                lost.contains(number) ? .returned(code: 312, text: "NO_ROUTE") : .confirmed
            #expect(result == expected, "message \(number)")
        }
        #expect(try await Self.take(96, from: consumer).count == 96)
        await publisher.close()
        await consumer.close()
    }

    @Test func `a message that AMQP cannot carry is refused and the connection lives on`()
        async throws
    {
        let queue = stack.freshQueue("bounds")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        var message = Self.message(1, to: queue)
        message.headers = ["trace": String(repeating: "x", count: 200_000)]
        let error = await #expect(throws: AMQPError.self) {
            try await publisher.publish([Self.message(0, to: queue), message])
        }
        #expect(error?.code == .invalidMessage)
        #expect(error?.isTransient == false)
        #expect(try await publisher.publish([Self.message(2, to: queue)]) == [.confirmed])
        // Nothing of the refused call was sent.
        #expect(try await Self.take(1, from: consumer).first?.body == Array("2".utf8))
        await publisher.close()
        await consumer.close()
    }

    @Test func `a batch is acknowledged with one answer, and the rest comes again`() async throws {
        let queue = stack.freshQueue("multiple")
        let publisher = try await publisher()
        let first = try await consumer(queue)
        _ = try await publisher.publish((0..<10).map { Self.message($0, to: queue) })
        let deliveries = try await Self.take(10, from: first)
        try await first.acknowledge(through: deliveries[5].tag)
        await first.close()
        let second = try await consumer(queue)
        let again = try await Self.take(4, from: second)
        #expect(again.map(\.body) == (6..<10).map { Array("\($0)".utf8) })
        #expect(again.allSatisfy { $0.isRedelivered })
        await second.close()
        await publisher.close()
    }

    @Test func `what is given back is delivered again, marked`() async throws {
        let queue = stack.freshQueue("give-back")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        _ = try await publisher.publish((0..<3).map { Self.message($0, to: queue) })
        let deliveries = try await Self.take(3, from: consumer)
        #expect(deliveries.allSatisfy { !$0.isRedelivered })
        try await consumer.giveBack(through: deliveries[2].tag)
        let again = try await Self.take(3, from: consumer)
        #expect(again.map(\.body) == deliveries.map(\.body))
        #expect(again.allSatisfy { $0.isRedelivered })
        await publisher.close()
        await consumer.close()
    }

    @Test func `no more than the prefetch arrives unacknowledged`() async throws {
        let queue = stack.freshQueue("prefetch")
        let publisher = try await publisher()
        let consumer = try await consumer(queue, prefetch: 8)
        _ = try await publisher.publish((0..<100).map { Self.message($0, to: queue) })
        var batches: [Int] = []
        while batches.reduce(0, +) < 100 {
            let batch = try await consumer.nextDeliveries(upTo: 100)
            batches.append(batch.count)
            try await consumer.acknowledge(through: try #require(batch.last).tag)
        }
        #expect(batches.allSatisfy { $0 <= 8 }, "\(batches)")
        await publisher.close()
        await consumer.close()
    }

    private static func arrival(
        at consumer: AMQPConnection
    ) async throws -> (tag: UInt64, instant: ContinuousClock.Instant) {
        (try #require(try await consumer.nextDeliveries(upTo: 1).last).tag, .now)
    }

    @Test func `an idle consumer has a message within milliseconds`() async throws {
        let queue = stack.freshQueue("latency")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        var took: [Duration] = []
        for number in 0..<100 {
            async let arrival = Self.arrival(at: consumer)
            let begun = ContinuousClock.now
            _ = try await publisher.publish([Self.message(number, to: queue)])
            let (tag, instant) = try await arrival
            took.append(instant - begun)
            try await consumer.acknowledge(through: tag)
        }
        took.sort()
        print("publish to delivery: median \(took[50]), p99 \(took[98]), worst \(took[99])")
        // A poll of any sort would cost its interval; the bound leaves room for a busy machine.
        #expect(took[50] < .milliseconds(50), "\(took[50])")
        await publisher.close()
        await consumer.close()
    }

    @Test func `a cancelled wait ends, and loses nothing`() async throws {
        let queue = stack.freshQueue("cancel")
        let (publisher, consumer) = (try await publisher(), try await consumer(queue))
        let wait = Task { try await consumer.nextDeliveries(upTo: 1) }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
        _ = try await publisher.publish([Self.message(1, to: queue)])
        #expect(try await Self.take(1, from: consumer).first?.body == Array("1".utf8))
        await publisher.close()
        await consumer.close()
    }

    @Test func `a closed connection says so to everybody`() async throws {
        let consumer = try await consumer(stack.freshQueue("closed"))
        let wait = Task { try await consumer.nextDeliveries(upTo: 1) }
        await consumer.close()
        await consumer.close()
        let error = await #expect(throws: AMQPError.self) { try await wait.value }
        #expect(error?.code == .closed)
        await #expect(throws: AMQPError.self) { try await consumer.acknowledge(through: 1) }
        await #expect(throws: AMQPError.self) { try await consumer.declareQueue("q") }
    }

    @Test func `an answer to a delivery that was never made ends the channel with 406`()
        async throws
    {
        let consumer = try await consumer(stack.freshQueue("unknown-tag"))
        try await consumer.acknowledge(through: 99)
        for await reason in consumer.termination {
            #expect(reason.code == .preconditionFailed)
            #expect(reason.replyCode == 406)
            #expect(reason.message.contains("unknown delivery tag 99"), "\(reason)")
        }
    }

    @Test func `a wrong password is told without the password`() async throws {
        let wrong = try BrokerURL("amqp://\(url.user):s3cret@\(url.host):\(url.port)/")
        let error = await #expect(throws: AMQPError.self) {
            _ = try await AMQPConnection.open(wrong, name: "t", logger: Logger(label: "test"))
        }
        #expect(error?.code == .accessRefused)
        #expect(error?.replyCode == 403)
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.message.contains("refused") == true)
    }

    @Test func `consuming from a missing queue is told by its name`() async throws {
        let connection = try await connect()
        let queue = stack.freshQueue("missing")
        let error = await #expect(throws: AMQPError.self) {
            try await connection.consume(queue, prefetch: 1)
        }
        #expect(error?.code == .notFound)
        #expect(error?.replyCode == 404)
        #expect(error?.message.contains(queue) == true)
    }
}
