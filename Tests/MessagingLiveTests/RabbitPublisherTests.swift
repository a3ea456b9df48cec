import AMQP
import Messaging
import MessagingLive
import SharedKernel
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(2)))
struct RabbitPublisherTests {
    private static func message(
        _ number: Int, type: String = "order_created", headers: [String: String] = [:],
        bytes: Int = 1
    ) throws -> OutboxMessage {
        let digits = String(number)
        let id = String(repeating: "0", count: 12 - digits.count) + digits
        return OutboxMessage(
            id: try #require(MessageID("00000000-0000-7000-8000-\(id)")), type: type,
            payload: Array(repeating: UInt8(ascii: "7"), count: bytes), headers: headers,
            createdAt: Timestamp(microseconds: 1_795_000_000_500_000), attempts: 0)
    }

    private static func publisher(
        _ url: String, _ routes: [String: String], log: RabbitLog = RabbitLog()
    ) throws -> RabbitPublisher {
        try RabbitPublisher(
            url: url, routes: routes, appID: "kassa-test", limits: .patient,
            logger: log.logger)
    }

    @Test func `a message arrives at its type's queue with all that identifies it`() async throws {
        let stack = try await TestStack.shared()
        let queue = stack.freshQueue("publish")
        let subscription = try RabbitSubscription(
            url: stack.brokerURL, queue: queue, appID: "t", limits: .patient,
            logger: RabbitLog().logger)
        let publisher = try Self.publisher(stack.brokerURL, ["order_created": queue])
        let message = try Self.message(1, headers: ["traceparent": "00-ab-cd-01"])
        try await subscription.becomesConnected()
        #expect(try await publisher.publish([message]) == [.confirmed])
        let batch = try await subscription.nextBatch(upTo: 10)
        let delivery = try #require(batch.deliveries.first)
        #expect(delivery.messageID == message.id)
        #expect(delivery.type == message.type)
        #expect(delivery.body == message.payload)
        #expect(delivery.headers == message.headers)
        #expect(delivery.queue == queue)
        #expect(delivery.sender == (try BrokerURL(stack.brokerURL).user))
        #expect(publisher.state == .connected)
        await publisher.close()
        await subscription.close()
    }

    @Test func `each publication says who sent it and when, beside the headers that ride along`()
        async throws
    {
        let stack = try await TestStack.shared()
        let queue = stack.freshQueue("stamp")
        let subscription = try RabbitSubscription(
            url: stack.brokerURL, queue: queue, appID: "t", limits: .patient,
            logger: RabbitLog().logger)
        let instance = InstanceName(host: "test", process: 1)
        let publisher = try RabbitPublisher(
            url: stack.brokerURL, routes: ["order_created": queue], appID: "kassa-test",
            instance: instance, limits: .patient, logger: RabbitLog().logger)
        let messages = [
            try Self.message(1, headers: ["traceparent": "00-ab-cd-01"]), try Self.message(2),
        ]
        try await subscription.becomesConnected()
        var moments: [Timestamp] = []
        // The second time as after an unknown outcome: the same messages, other stamps.
        for _ in 0..<2 {
            let before = Timestamp.now
            #expect(try await publisher.publish(messages) == [.confirmed, .confirmed])
            let after = Timestamp.now
            var deliveries: [Delivery] = []
            while deliveries.count < 2 {
                let batch = try await subscription.nextBatch(upTo: 10)
                deliveries += batch.deliveries
                try await subscription.acknowledge(batch)
            }
            for (delivery, message) in zip(deliveries, messages) {
                let publication = Publication(headers: delivery.headers)
                let moment = try #require(publication.moment)
                #expect(publication.instance == instance)
                #expect((before...after).contains(moment))
                #expect(
                    delivery.headers.filter { !publication.headers.keys.contains($0.key) }
                        == message.headers)
                moments.append(moment)
            }
        }
        #expect(moments[0] == moments[1] && moments[2] == moments[3] && moments[1] < moments[2])
        await publisher.close()
        await subscription.close()
    }

    @Test func `six hundred messages go out in windows, in order, each with its own outcome`()
        async throws
    {
        let stack = try await TestStack.shared()
        let queue = stack.freshQueue("windows")
        let publisher = try Self.publisher(
            stack.brokerURL,
            ["order_created": queue, "payment_failed": stack.freshQueue("missing")])
        let subscription = try RabbitSubscription(
            url: stack.brokerURL, queue: queue, appID: "t", limits: .patient,
            logger: RabbitLog().logger)
        try await subscription.becomesConnected()
        let messages = try (0..<600).map { number in
            switch number {
            case 5: try Self.message(number, type: "payment_failed")
            case 300: try Self.message(number, type: "unheard_of")
            case 301:
                try Self.message(number, headers: ["x": String(repeating: "x", count: 99_999)])
            case 400..<404: try Self.message(number, bytes: 200_000)
            default: try Self.message(number)
            }
        }
        let outcomes = try await publisher.publish(messages)
        #expect(outcomes.count == 600)
        for (number, outcome) in outcomes.enumerated() {
            switch number {
            case 5: #expect(outcome == .returned(reason: "312 NO_ROUTE"))
            case 300: #expect(outcome == .returned(reason: "no route for type 'unheard_of'"))
            case 301:
                #expect(outcome == .returned(reason: "A message's headers exceed 32 KiB."))
            default: #expect(outcome == .confirmed, "message \(number)")
            }
        }
        var arrived: [MessageID?] = []
        while arrived.count < 597 {
            let batch = try await subscription.nextBatch(upTo: 256)
            arrived += batch.deliveries.map(\.messageID)
            try await subscription.acknowledge(batch)
        }
        #expect(
            arrived
                == messages.enumerated().filter { ![5, 300, 301].contains($0.offset) }
                .map(\.element.id))
        await publisher.close()
        await subscription.close()
    }

    @Test func `without a broker a publish fails at once, for now, and the reason is told once`()
        async throws
    {
        let log = RabbitLog()
        let publisher = try Self.publisher(
            "amqp://shop:s3cret@127.0.0.1:9/", ["order_created": "q"], log: log)
        let message = try Self.message(1)
        // Three tries by the link, however often it is asked.
        while log.lines.count(where: { $0.contains("No connection") }) < 3 {
            let begun = ContinuousClock.now
            let error = await #expect(throws: AMQPError.self) {
                try await publisher.publish([message])
            }
            #expect(error?.code == .unreachable)
            #expect(error.map(isTransient) == true)
            #expect(ContinuousClock.now - begun < .seconds(5))
        }
        guard case .connecting(_, let reason?) = publisher.state else {
            Issue.record("\(publisher.state)")
            return
        }
        #expect(reason.contains("127.0.0.1:9"))
        #expect(log.lines.count { $0.hasPrefix("warning") } == 1, "\(log.lines)")
        #expect(!log.lines.contains { $0.contains("s3cret") })
        await publisher.close()
    }

    @Test func `a wrong password is told once, without the password`() async throws {
        let log = RabbitLog()
        let url = try BrokerURL(try await TestStack.shared().brokerURL)
        let publisher = try Self.publisher(
            "amqp://nobody:s3cret@\(url.host):\(url.port)/", ["order_created": "q"], log: log)
        let message = try Self.message(1)
        let error = await #expect(throws: AMQPError.self) {
            try await publisher.publish([message])
        }
        #expect(error?.code == .accessRefused)
        // A message is never to blame for the login: it must stay in the outbox.
        #expect(error.map(isTransient) == true)
        try await eventually { log.lines.count { $0.contains("No connection") } >= 3 }
        #expect(log.lines.count { $0.hasPrefix("warning") } == 1, "\(log.lines)")
        #expect(!log.lines.contains { $0.contains("s3cret") })
        await publisher.close()
    }

    @Test func `a closed publisher says so`() async throws {
        let publisher = try Self.publisher(
            try await TestStack.shared().brokerURL, ["order_created": "q"])
        await publisher.close()
        #expect(publisher.state == .closed)
        let error = await #expect(throws: AMQPError.self) {
            try await publisher.publish([try Self.message(1)])
        }
        #expect(error?.code == .closed)
        #expect(try await publisher.publish([]) == [])
    }

    @Test func `a url that is none is refused when it is read`() {
        #expect(throws: AMQPError.self) { try Self.publisher("postgres://h/", [:]) }
    }
}

extension RabbitSubscription {
    /// Begins to connect and waits until the queue is declared and consumed.
    func becomesConnected() async throws {
        Task { await run() }
        try await eventually { state == .connected }
    }
}
