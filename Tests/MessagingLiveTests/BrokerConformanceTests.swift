import Messaging
import MessagingLive
import SharedKernel
import TestDoubles
import TestSupport
import Testing

/// What a publisher and a source must be, over a broker in memory and a real one.
@Suite(.timeLimit(.minutes(2)))
struct BrokerConformanceTests {
    /// The double and the real thing.
    enum Kind: CaseIterable {
        case inMemory, rabbit

        func make() async throws -> BrokerWorld {
            switch self {
            case .inMemory: .inMemory()
            case .rabbit: try await .rabbit()
            }
        }
    }

    private func message(_ number: Int, type: String = "order_created") throws -> OutboxMessage {
        OutboxMessage(
            id: try messageID(number), type: type, payload: Array("\(number)".utf8),
            headers: ["x-request-id": "r-\(number)"],
            createdAt: Timestamp(microseconds: 1_795_000_000_000_000), attempts: 0)
    }

    @Test(arguments: Kind.allCases)
    func `what is published is confirmed and arrives in order, as it was`(
        kind: Kind
    ) async throws {
        let world = try await kind.make()
        let source = try await world.subscribe()
        let messages = try (0..<20).map { try message($0) }
        #expect(
            try await world.publisher.publish(messages)
                == Array(repeating: .confirmed, count: 20))
        let arrived = try await source.take(20)
        #expect(arrived.map(\.messageID) == messages.map(\.id))
        #expect(arrived.map(\.type) == messages.map(\.type))
        #expect(arrived.map(\.body) == messages.map(\.payload))
        #expect(arrived.map(\.headers) == messages.map(\.headers))
        #expect(arrived.allSatisfy { !$0.isRedelivered })
        await world.close()
    }

    @Test(arguments: Kind.allCases)
    func `a message without a queue is returned, those beside it are confirmed`(
        kind: Kind
    ) async throws {
        let world = try await kind.make()
        let source = try await world.subscribe()
        let outcomes = try await world.publisher.publish([
            try message(1), try message(2, type: "payment_failed"), try message(3),
        ])
        #expect(outcomes == [.confirmed, .returned(reason: "312 NO_ROUTE"), .confirmed])
        #expect(
            try await source.take(2).map(\.messageID) == [try messageID(1), try messageID(3)])
        await world.close()
    }

    @Test(arguments: Kind.allCases)
    func `what is acknowledged does not come again, what is not does`(kind: Kind) async throws {
        let world = try await kind.make()
        let first = try await world.subscribe()
        _ = try await world.publisher.publish(try (1...3).map { try message($0) })
        var arrived = 0
        while arrived < 1 {
            let batch = try await first.nextBatch(upTo: 1)
            arrived += batch.deliveries.count
            try await first.acknowledge(batch)
        }
        _ = try await first.nextBatch(upTo: 1)
        await first.close()
        let second = try await world.subscribe()
        let again = try await second.take(2)
        #expect(again.map(\.messageID) == [try messageID(2), try messageID(3)])
        #expect(again.first?.isRedelivered == true)
        await world.close()
    }

    @Test(arguments: Kind.allCases)
    func `what is given back comes again, marked so`(kind: Kind) async throws {
        let world = try await kind.make()
        let source = try await world.subscribe()
        _ = try await world.publisher.publish([try message(1)])
        try await source.giveBack(try await source.nextBatch(upTo: 1))
        let again = try await source.nextBatch(upTo: 1)
        #expect(again.deliveries.map(\.messageID) == [try messageID(1)])
        #expect(again.deliveries.map(\.isRedelivered) == [true])
        await world.close()
    }

    @Test(arguments: Kind.allCases)
    func `a batch never exceeds its limit and is never empty`(kind: Kind) async throws {
        let world = try await kind.make()
        let source = try await world.subscribe()
        _ = try await world.publisher.publish(try (0..<10).map { try message($0) })
        var sizes: [Int] = []
        while sizes.reduce(0, +) < 10 {
            let batch = try await source.nextBatch(upTo: 4)
            sizes.append(batch.deliveries.count)
            try await source.acknowledge(batch)
        }
        #expect(sizes.allSatisfy { (1...4).contains($0) }, "\(sizes)")
        await world.close()
    }

    @Test(arguments: Kind.allCases)
    func `an answer to a batch of another session does nothing`(kind: Kind) async throws {
        let world = try await kind.make()
        let source = try await world.subscribe()
        _ = try await world.publisher.publish([try message(1)])
        let batch = try await source.nextBatch(upTo: 1)
        let stale = DeliveryBatch(
            deliveries: batch.deliveries, session: batch.session + 1_000, lastTag: batch.lastTag)
        try await source.acknowledge(stale)
        try await source.giveBack(stale)
        await source.close()
        let again = try await world.subscribe()
        #expect(try await again.take(1).map(\.isRedelivered) == [true])
        await world.close()
    }

    @Test(arguments: Kind.allCases)
    func `closing and cancelling end a wait with a cancellation`(kind: Kind) async throws {
        let world = try await kind.make()
        let source = try await world.subscribe()
        let cancelled = Task { try await source.nextBatch(upTo: 1) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let waiting = Task { try await source.nextBatch(upTo: 1) }
        await source.close()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        await world.close()
    }
}

/// A queue `order_created`, a publisher to it, and as many sources as a test opens.
struct BrokerWorld: Sendable {
    let publisher: any MessagePublisher
    private let open: @Sendable () async throws -> ClosableSource
    private let end: @Sendable () async -> Void

    /// Opens a source; the queue exists when it returns.
    func subscribe() async throws -> ClosableSource { try await open() }

    func close() async { await end() }

    static func inMemory() -> BrokerWorld {
        let broker = InMemoryBroker()
        return BrokerWorld(
            publisher: broker.publisher(
                routes: ["order_created": "orders", "payment_failed": "nobody's"]),
            open: {
                let subscription = broker.subscription(to: "orders")
                return ClosableSource(source: subscription) { subscription.close() }
            }, end: {})
    }

    static func rabbit() async throws -> BrokerWorld {
        let stack = try await TestStack.shared()
        let (url, queue) = (stack.brokerURL, stack.freshQueue("conformance"))
        let logger = RabbitLog().logger
        let publisher = try RabbitPublisher(
            url: url,
            routes: ["order_created": queue, "payment_failed": stack.freshQueue("missing")],
            appID: "t", limits: .patient, logger: logger)
        return BrokerWorld(
            publisher: publisher,
            open: {
                let subscription = try RabbitSubscription(
                    url: url, queue: queue, appID: "t", limits: .patient, logger: logger)
                try await subscription.becomesConnected()
                return ClosableSource(source: subscription) { await subscription.close() }
            }, end: { await publisher.close() })
    }
}

/// A source that a test can close.
struct ClosableSource: MessageSource {
    let source: any MessageSource
    let close: @Sendable () async -> Void

    func nextBatch(upTo limit: Int) async throws -> DeliveryBatch {
        try await source.nextBatch(upTo: limit)
    }

    func acknowledge(_ batch: DeliveryBatch) async throws { try await source.acknowledge(batch) }

    func giveBack(_ batch: DeliveryBatch) async throws { try await source.giveBack(batch) }

    /// Takes and acknowledges until so many have arrived.
    func take(_ count: Int) async throws -> [Delivery] {
        var arrived: [Delivery] = []
        while arrived.count < count {
            let batch = try await nextBatch(upTo: count)
            arrived += batch.deliveries
            try await acknowledge(batch)
        }
        return arrived
    }
}
