import AMQP
import Messaging
import MessagingLive
import SharedKernel
import Testing
import TestSupport

/// The adapters while their broker closes connections, goes away and comes back. On a broker of
/// their own, which ends with the process.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RabbitRecoveryTests {
    private static let ownBroker = Task { try await TestStack.ownBroker() }
    let broker: TestStack

    init() async throws { broker = try await Self.ownBroker.value }

    private static func message(_ type: String = "order_created") throws -> OutboxMessage {
        OutboxMessage(
            id: try #require(MessageID("00000000-0000-7000-8000-000000000001")), type: type,
            payload: Array("{}".utf8), headers: [:], createdAt: .now, attempts: 0)
    }

    private func pair(
        _ queue: String
    ) async throws -> (publisher: RabbitPublisher, subscription: RabbitSubscription) {
        let publisher = try RabbitPublisher(
            url: broker.brokerURL, routes: ["order_created": queue], appID: "t",
            logger: RabbitLog().logger)
        let subscription = try RabbitSubscription(
            url: broker.brokerURL, queue: queue, appID: "t", logger: RabbitLog().logger)
        try await subscription.becomesConnected()
        return (publisher, subscription)
    }

    /// Publishes until the broker takes it: what the relay does.
    private func insist(_ publisher: RabbitPublisher, _ message: OutboxMessage) async throws {
        try await eventually("the broker takes the message") {
            do {
                return try await publisher.publish([message]) == [.confirmed]
            } catch {
                #expect(isTransient(error), "\(error)")
                return false
            }
        }
    }

    @Test func `closed connections come back by themselves and the unacknowledged comes again`()
        async throws
    {
        let (publisher, subscription) = try await pair("recovery")
        try await insist(publisher, try Self.message())
        let held = try await subscription.nextBatch(upTo: 10)
        try await broker.rabbitmqctl("close_all_connections", "for a test")
        let again = try await subscription.nextBatch(upTo: 10)
        #expect(again.session > held.session)
        #expect(again.deliveries.map { $0.isRedelivered } == [true])
        #expect(again.deliveries.map(\.messageID) == held.deliveries.map(\.messageID))
        try await subscription.acknowledge(held)
        try await subscription.acknowledge(again)
        try await insist(publisher, try Self.message())
        let next = try await subscription.nextBatch(upTo: 10)
        #expect(next.deliveries.map { $0.isRedelivered } == [false])
        #expect(publisher.state == .connected)
        await publisher.close()
        await subscription.close()
    }

    @Test func `a deleted queue is declared again`() async throws {
        let (publisher, subscription) = try await pair("declared-again")
        try await insist(publisher, try Self.message())
        try await broker.rabbitmqctl("delete_queue", "declared-again")
        try await insist(publisher, try Self.message())
        try await eventually { subscription.state == .connected }
        await publisher.close()
        await subscription.close()
    }

    @Test func `a broker that is killed finds both again, its confirmed messages kept`()
        async throws
    {
        let (publisher, subscription) = try await pair("restart")
        try await broker.keepQueues()
        try await insist(publisher, try Self.message())
        try await broker.killBroker()
        try await eventually { publisher.state.hasReason && subscription.state.hasReason }
        try await broker.startBroker()
        let batch = try await subscription.nextBatch(upTo: 10)
        #expect(batch.deliveries.count == 1)
        try await subscription.acknowledge(batch)
        try await insist(publisher, try Self.message())
        await publisher.close()
        await subscription.close()
    }

    @Test func `an alarm shows as blocked, refuses at once, and passes`() async throws {
        let (publisher, subscription) = try await pair("blocked")
        try await insist(publisher, try Self.message())
        try await broker.rabbitmqctl("set_vm_memory_high_watermark", "0")
        let error = await #expect(throws: AMQPError.self) {
            while true { _ = try await publisher.publish([try Self.message()]) }
        }
        #expect(error?.code == .blocked)
        #expect(publisher.state == .blocked(reason: "low on memory"))
        #expect(subscription.state == .connected)
        // Deliveries and their acknowledgements go on.
        let batch = try await subscription.nextBatch(upTo: 1)
        try await subscription.acknowledge(batch)
        try await broker.rabbitmqctl("set_vm_memory_high_watermark", "0.4")
        try await insist(publisher, try Self.message())
        #expect(publisher.state == .connected)
        await publisher.close()
        await subscription.close()
    }
}
