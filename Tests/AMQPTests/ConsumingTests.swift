import AMQP
import Testing
import TestSupport

/// The consuming half against the real broker.
@Suite(.timeLimit(.minutes(2)))
struct ConsumingTests {
    let broker: RealBroker

    init() async throws { broker = try await RealBroker() }

    @Test func `a batch is acknowledged with one answer, and the rest comes again`() async throws {
        let queue = broker.freshQueue("multiple")
        let publisher = try await broker.publisher()
        let first = try await broker.consumer(queue)
        _ = try await publisher.publish((0..<10).map { RealBroker.message($0, to: queue) })
        let deliveries = try await RealBroker.take(10, from: first)
        try await first.acknowledge(through: deliveries[5].tag)
        await first.close()
        let second = try await broker.consumer(queue)
        let again = try await RealBroker.take(4, from: second)
        #expect(again.map(\.body) == (6..<10).map { Array("\($0)".utf8) })
        #expect(again.allSatisfy { $0.isRedelivered })
        await second.close()
        await publisher.close()
    }

    @Test func `how many consume a queue is known, and asking for none that is there ends it`()
        async throws
    {
        let queue = broker.freshQueue("counted")
        let publisher = try await broker.publisher()
        let consumer = try await broker.consumer(queue)
        #expect(try await publisher.consumerCount(of: queue) == 1)
        await consumer.close()
        try await eventually { try await publisher.consumerCount(of: queue) == 0 }
        let error = await #expect(throws: AMQPError.self) {
            try await publisher.consumerCount(of: broker.freshQueue("absent"))
        }
        #expect(error?.code == .notFound)
        #expect(publisher.status == .closed(try #require(error)))
    }

    @Test func `what is given back is delivered again, marked`() async throws {
        let queue = broker.freshQueue("give-back")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        _ = try await publisher.publish((0..<3).map { RealBroker.message($0, to: queue) })
        let deliveries = try await RealBroker.take(3, from: consumer)
        #expect(deliveries.allSatisfy { !$0.isRedelivered })
        try await consumer.giveBack(through: deliveries[2].tag)
        let again = try await RealBroker.take(3, from: consumer)
        #expect(again.map(\.body) == deliveries.map(\.body))
        #expect(again.allSatisfy { $0.isRedelivered })
        await publisher.close()
        await consumer.close()
    }

    @Test func `no more than the prefetch arrives unacknowledged`() async throws {
        let queue = broker.freshQueue("prefetch")
        let publisher = try await broker.publisher()
        let consumer = try await broker.consumer(queue, prefetch: 8)
        _ = try await publisher.publish((0..<100).map { RealBroker.message($0, to: queue) })
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
        let queue = broker.freshQueue("latency")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        var took: [Duration] = []
        for number in 0..<100 {
            async let arrival = Self.arrival(at: consumer)
            let begun = ContinuousClock.now
            _ = try await publisher.publish([RealBroker.message(number, to: queue)])
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
        let queue = broker.freshQueue("cancel")
        let (publisher, consumer) = (try await broker.publisher(), try await broker.consumer(queue))
        let wait = Task { try await consumer.nextDeliveries(upTo: 1) }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
        _ = try await publisher.publish([RealBroker.message(1, to: queue)])
        #expect(try await RealBroker.take(1, from: consumer).first?.body == Array("1".utf8))
        await publisher.close()
        await consumer.close()
    }

    @Test func `a closed connection says so to everybody`() async throws {
        let consumer = try await broker.consumer(broker.freshQueue("closed"))
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
        let consumer = try await broker.consumer(broker.freshQueue("unknown-tag"))
        try await consumer.acknowledge(through: 99)
        for await reason in consumer.termination {
            #expect(reason.code == .preconditionFailed)
            #expect(reason.replyCode == 406)
            #expect(reason.message.contains("unknown delivery tag 99"), "\(reason)")
        }
    }

    @Test func `consuming from a missing queue is told by its name`() async throws {
        let connection = try await broker.connect()
        let queue = broker.freshQueue("missing")
        let error = await #expect(throws: AMQPError.self) {
            try await connection.consume(queue, prefetch: 1)
        }
        #expect(error?.code == .notFound)
        #expect(error?.replyCode == 404)
        #expect(error?.message.contains(queue) == true)
    }
}
