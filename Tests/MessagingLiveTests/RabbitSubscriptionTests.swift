import AMQP
import Logging
import Messaging
import MessagingLive
import SharedKernel
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(2)))
struct RabbitSubscriptionTests {
    let stack: TestStack
    let queue: String

    init() async throws {
        stack = try await TestStack.shared()
        queue = stack.freshQueue("subscription")
    }

    private func subscription(prefetch: UInt16 = 256) throws -> RabbitSubscription {
        try RabbitSubscription(
            url: stack.brokerURL, queue: queue, appID: "t", prefetch: prefetch,
            limits: .patient, logger: RabbitLog().logger)
    }

    private func send(_ ids: [String]) async throws {
        let connection = try await AMQPConnection.open(
            try BrokerURL(stack.brokerURL), name: "test sender", limits: .patient,
            logger: RabbitLog().logger)
        try await connection.enableConfirms()
        let results = try await connection.publish(
            ids.map { AMQPMessage(queue: queue, body: Array($0.utf8), messageID: $0) })
        #expect(results == Array(repeating: .confirmed, count: ids.count))
        await connection.close()
    }

    @Test func `an id that is no UUID is no id`() async throws {
        let subscription = try subscription()
        try await subscription.becomesConnected()
        let id = "00000000-0000-7000-8000-000000000001"
        try await send(["", "tea", id.uppercased()])
        var ids: [String?] = []
        while ids.count < 3 {
            ids += try await subscription.nextBatch(upTo: 3).deliveries
                .map { $0.messageID?.description }
        }
        #expect(ids == [nil, nil, id])
        await subscription.close()
    }

    @Test func `a batch takes what has arrived, up to its limit`() async throws {
        let subscription = try subscription(prefetch: 10)
        try await subscription.becomesConnected()
        try await send((0..<10).map { "m\($0)" })
        var sizes: [Int] = []
        while sizes.reduce(0, +) < 10 {
            let batch = try await subscription.nextBatch(upTo: 4)
            sizes.append(batch.deliveries.count)
        }
        #expect(sizes.allSatisfy { (1...4).contains($0) }, "\(sizes)")
        await subscription.close()
    }

    @Test func `close gives what was not acknowledged to the next consumer`() async throws {
        let first = try subscription()
        try await first.becomesConnected()
        try await send(["a", "b"])
        var held = 0
        while held < 2 { held += try await first.nextBatch(upTo: 2 - held).deliveries.count }
        await first.close()
        let second = try subscription()
        var again: [Delivery] = []
        while again.count < 2 { again += try await second.nextBatch(upTo: 2).deliveries }
        #expect(again.map(\.body) == [Array("a".utf8), Array("b".utf8)])
        #expect(again.allSatisfy { $0.isRedelivered })
        await second.close()
    }

    @Test func `what is given back comes again`() async throws {
        let subscription = try subscription()
        try await subscription.becomesConnected()
        try await send(["a"])
        try await subscription.giveBack(try await subscription.nextBatch(upTo: 1))
        let again = try await subscription.nextBatch(upTo: 1)
        #expect(again.deliveries.map { $0.isRedelivered } == [true])
        await subscription.close()
    }

    @Test func `an answer to a batch of an earlier session is silently stale`() async throws {
        let subscription = try subscription()
        try await subscription.becomesConnected()
        try await send(["a"])
        let batch = try await subscription.nextBatch(upTo: 1)
        let stale = DeliveryBatch(
            deliveries: batch.deliveries, session: batch.session + 1, lastTag: 999)
        // On this session, tag 999 would cost the channel.
        try await subscription.acknowledge(stale)
        try await subscription.giveBack(stale)
        try await subscription.acknowledge(batch)
        try await send(["b"])
        let next = try await subscription.nextBatch(upTo: 1)
        #expect(next.session == batch.session)
        #expect(next.deliveries.map(\.body) == [Array("b".utf8)])
        await subscription.close()
    }

    @Test func `closing ends a wait with a cancellation`() async throws {
        let subscription = try subscription()
        try await subscription.becomesConnected()
        let wait = Task { try await subscription.nextBatch(upTo: 1) }
        await subscription.close()
        await #expect(throws: CancellationError.self) { try await wait.value }
        #expect(subscription.state == .closed)
        await #expect(throws: CancellationError.self) {
            try await subscription.nextBatch(upTo: 1)
        }
    }

    @Test func `a cancelled wait for a broker that is away ends`() async throws {
        let away = try RabbitSubscription(
            url: "amqp://127.0.0.1:9/", queue: queue, appID: "t", logger: RabbitLog().logger)
        let wait = Task { try await away.nextBatch(upTo: 1) }
        try await eventually { away.state.hasReason }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
        await away.close()
    }

    @Test func `cancelling run closes`() async throws {
        let subscription = try subscription()
        let running = Task { await subscription.run() }
        try await eventually { subscription.state == .connected }
        running.cancel()
        await running.value
        #expect(subscription.state == .closed)
    }
}

extension RabbitState {
    /// Whether a try has failed.
    var hasReason: Bool {
        if case .connecting(_, .some) = self { true } else { false }
    }
}
