import AMQP
import Logging
import Testing
import TestSupport

/// What the broker does when an operator, or its own alarm, acts on it. On a broker of their own,
/// because the other suites would suffer; it ends with the process.
@Suite(.serialized, .timeLimit(.minutes(8)))
struct BrokerFaultTests {
    private static let ownBroker = Task { try await TestStack.ownBroker() }
    let broker: TestStack
    let url: BrokerURL

    init() async throws {
        broker = try await Self.ownBroker.value
        url = try BrokerURL(broker.brokerURL)
    }

    private func connect() async throws -> AMQPConnection {
        try await AMQPConnection.open(
            url, name: "AMQPTests", limits: .patient,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func message(to queue: String) -> AMQPMessage {
        AMQPMessage(queue: queue, body: [1], messageID: "m")
    }

    @Test func `a queue deleted under its consumer ends the consumer with an error`() async throws {
        let consumer = try await connect()
        try await consumer.declareQueue("deleted")
        try await consumer.consume("deleted", prefetch: 1)
        let wait = Task { try await consumer.nextDeliveries(upTo: 1) }
        try await broker.rabbitmqctl("delete_queue", "deleted")
        let error = await #expect(throws: AMQPError.self) { try await wait.value }
        #expect(error?.code == .consumerCancelled)
        #expect(consumer.status == .closed(try #require(error)))
    }

    @Test func `a queue with other properties is refused with both named`() async throws {
        try await broker.rabbitmqctl(
            "eval",
            """
            rabbit_amqqueue:declare({resource,<<"/">>,queue,<<"transient">>},\
            false, false, [], none, <<"test">>).
            """)
        let connection = try await connect()
        let error = await #expect(throws: AMQPError.self) {
            try await connection.declareQueue("transient")
        }
        #expect(error?.code == .preconditionFailed)
        #expect(error?.replyCode == 406)
        #expect(error?.isTransient == false)
        #expect(error?.message.contains("durable") == true)
        #expect(error?.message.contains("transient") == true)
    }

    @Test func `an alarm is seen, hangs nothing, and passes`() async throws {
        let (publisher, consumer) = (try await connect(), try await connect())
        try await publisher.enableConfirms()
        try await consumer.declareQueue("alarm")
        try await consumer.consume("alarm", prefetch: 8)
        #expect(try await publisher.publish([Self.message(to: "alarm")]) == [.confirmed])
        try await broker.rabbitmqctl("set_vm_memory_high_watermark", "0")
        // The first publish under an alarm is what makes the broker block the connection.
        let begun = ContinuousClock.now
        let first = await #expect(throws: AMQPError.self) {
            while true { _ = try await publisher.publish([Self.message(to: "alarm")]) }
        }
        #expect(first?.code == .blocked)
        #expect(first?.isTransient == true)
        #expect(ContinuousClock.now - begun < .seconds(9))
        #expect(publisher.status == .blocked(reason: "low on memory"))
        let again = await #expect(throws: AMQPError.self) {
            _ = try await publisher.publish([Self.message(to: "alarm")])
        }
        #expect(again?.code == .blocked)
        // The consumer's connection publishes nothing, so its answers are read all the while.
        let delivery = try #require(try await consumer.nextDeliveries(upTo: 1).first)
        try await consumer.acknowledge(through: delivery.tag)
        #expect(consumer.status == .open)
        try await broker.rabbitmqctl("set_vm_memory_high_watermark", "0.4")
        try await eventually { publisher.status == .open }
        #expect(try await publisher.publish([Self.message(to: "alarm")]) == [.confirmed])
        await publisher.close()
        await consumer.close()
    }

    @Test func `a connection that an operator closes says why to everybody`() async throws {
        let consumer = try await connect()
        try await consumer.declareQueue("closing")
        try await consumer.consume("closing", prefetch: 1)
        let wait = Task { try await consumer.nextDeliveries(upTo: 1) }
        try await broker.rabbitmqctl("close_all_connections", "for a test")
        let error = await #expect(throws: AMQPError.self) { try await wait.value }
        #expect(error?.code == .closedByBroker)
        #expect(error?.replyCode == 320)
        #expect(error?.message.contains("for a test") == true)
    }
}
