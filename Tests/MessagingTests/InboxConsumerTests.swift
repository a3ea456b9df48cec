import Messaging
import SharedKernel
import Synchronization
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InboxConsumerTests {
    private let clock = ManualClock()
    private let broker = InMemoryBroker()
    private let parking = InMemoryParking()
    private let source: InMemorySubscription
    private let door = ScriptedDoor()

    init() { source = broker.subscription(to: "words") }

    /// Handles words. "poison" cannot be read, "cursed" fails for good, "odd" is to be parked.
    private final class ScriptedDoor: Sendable {
        let faults = FaultScript()
        let begun = WakeSignal()
        private let committed = Mutex<[[Received<String>]]>([])
        private let tries = Mutex(0)

        var batches: [[String]] { committed.withLock { $0.map { $0.map(\.event) } } }
        var received: [Received<String>] { committed.withLock { $0.flatMap { $0 } } }
        var calls: Int { tries.withLock { $0 } }

        func handle(_ received: [Received<String>]) throws -> [Verdict] {
            tries.withLock { $0 += 1 }
            begun.ring()
            try faults.check()
            guard !received.contains(where: { $0.event == "cursed" }) else {
                throw ScriptedFault(isTransient: false)
            }
            committed.withLock { $0.append(received) }
            return received.map { $0.event == "odd" ? .park(reason: "odd") : .handled }
        }
    }

    private func consumer(
        handle: InboxConsumer<String>.Handle? = nil
    ) -> InboxConsumer<String> {
        InboxConsumer(
            name: "words", source: source, parking: parking,
            publisher: TrustedPublisher(user: "shop", acceptsUnsigned: true), clock: clock,
            logger: silent
        ) { delivery throws(UnreadableEvent) in
            let word = String(decoding: delivery.body, as: UTF8.self)
            guard word != "poison" else { throw UnreadableEvent("poison") }
            return word
        } handle: { [door] received in
            if let handle { return try await handle(received) }
            return try door.handle(received)
        }
    }

    private func send(_ words: String...) { for word in words { broker.send(delivery(word)) } }

    private func process() async throws {
        try await consumer().process(try await source.nextBatch(upTo: 256))
    }

    @Test func `what has arrived is one batch, in order, and then acknowledged`() async throws {
        send("a", "b", "c")
        try await process()
        #expect(door.batches == [["a", "b", "c"]])
        #expect(source.acknowledged.count == 3)
        #expect(parking.messages.isEmpty)
    }

    @Test func `poison is parked with its reason, untouched, and then acknowledged`() async throws {
        let id = try messageID(7)
        broker.send(delivery("poison", id: id))
        send("a")
        try await process()
        #expect(door.batches == [["a"]])
        #expect(
            parking.messages
                == [ParkedMessage(delivery: delivery("poison", id: id), reason: "poison")])
        #expect(source.acknowledged.count == 2)
    }

    @Test func `a verdict parks, after its transaction`() async throws {
        send("a", "odd")
        try await process()
        #expect(parking.messages.map(\.reason) == ["odd"])
        #expect(source.acknowledged.count == 2)
    }

    @Test func `a batch that fails for good is taken one by one, the culprit parked`() async throws
    {
        send("a", "cursed", "b")
        try await process()
        #expect(door.batches == [["a"], ["b"]])
        #expect(parking.messages.map(\.delivery.body) == [Array("cursed".utf8)])
        #expect(source.acknowledged.count == 3)
    }

    @Test func `a message without an id is handled all the same`() async throws {
        let id = try messageID(1)
        broker.send(delivery("a", id: id))
        broker.send(delivery("b"))
        try await process()
        #expect(door.received.map(\.messageID) == [id, nil])
    }

    @Test func `the trip's headers come along`() async throws {
        broker.send(
            Delivery(
                messageID: nil, type: nil, body: Array("a".utf8),
                headers: ["x-request-id": "r", "other": "o"], queue: "words"))
        try await process()
        #expect(door.received.map(\.correlation) == [Correlation(requestID: "r")])
    }

    @Test func `a fault that may pass is waited out with everything held`() async throws {
        send("a", "b")
        door.faults.fail(2)
        async let processing: Void = process()
        for bound in [100, 200] {
            let rest = await clock.passNextSleep()
            #expect(rest >= .milliseconds(bound / 2) && rest <= .milliseconds(bound))
            #expect(source.acknowledged.isEmpty)
            #expect(parking.messages.isEmpty)
        }
        try await processing
        #expect(door.calls == 3)
        #expect(door.batches == [["a", "b"]])
        #expect(source.acknowledged.count == 2)
    }

    /// A lost permission, a broken index, a row that cannot be read: no message's fault.
    @Test func `trouble of ours parks no message, however strange it is`() async throws {
        struct OwnTrouble: Error {}
        send("a")
        door.faults.fail(2, OwnTrouble())
        async let processing: Void = process()
        for _ in 0..<2 { _ = await clock.passNextSleep() }
        try await processing
        #expect(parking.messages.isEmpty)
        #expect(door.batches == [["a"]])
    }

    @Test func `while parking fails nothing is acknowledged, and the handled is not handled again`()
        async throws
    {
        send("a", "poison")
        parking.faults.fail(1)
        parking.faults.fail(1, ScriptedFault(isTransient: false))
        async let processing: Void = process()
        await clock.passNextSleep()
        #expect(source.acknowledged.isEmpty)
        await clock.passNextSleep()
        try await processing
        #expect(door.calls == 1)
        #expect(parking.messages.count == 1)
        #expect(source.acknowledged.count == 2)
    }

    @Test func `a stop gives back what waits for a fault to pass`() async throws {
        send("a", "b")
        door.faults.fail(1_000)
        let consuming = Task { [consumer = consumer()] in await consumer.run() }
        await clock.untilSomebodySleeps()
        consuming.cancel()
        await consuming.value
        #expect(source.acknowledged.isEmpty)
        #expect(source.heldCount == 0)
        #expect(broker.waiting(in: "words").map(\.isRedelivered) == [true, true])
    }

    @Test func `a stop lets the transaction under way finish and be acknowledged`() async throws {
        let (begun, mayEnd) = (WakeSignal(), WakeSignal())
        let consumer = consumer { received in
            begun.ring()
            let isAllowed = await mayEnd.wait(atMost: .seconds(60), clock: ContinuousClock())
            guard isAllowed else { throw CancellationError() }
            return received.map { _ in .handled }
        }
        send("a")
        let consuming = Task { await consumer.run() }
        await begun.wait(atMost: .seconds(60), clock: clock)
        consuming.cancel()
        mayEnd.ring()
        await consuming.value
        #expect(source.acknowledged.count == 1)
        #expect(parking.messages.isEmpty)
    }

    @Test func `a stop while nothing arrives ends the wait`() async {
        let consuming = Task { [consumer = consumer()] in await consumer.run() }
        consuming.cancel()
        await consuming.value
    }

    @Test func `when the source is closed the consumer ends`() async {
        let consuming = Task { [consumer = consumer()] in await consumer.run() }
        source.close()
        await consuming.value
    }

    @Test func `what could not be acknowledged comes again on the next session`() async throws {
        send("a")
        source.acknowledgeFaults.fail()
        await #expect(throws: ScriptedFault.self) { try await process() }
        source.reconnect()
        try await process()
        #expect(door.batches == [["a"], ["a"]], "at-least-once: handling must bear repeats")
        #expect(source.acknowledged.map(\.isRedelivered) == [true])
    }

    @Test func `run goes on after a batch that was not settled`() async throws {
        source.acknowledgeFaults.fail()
        let consuming = Task { [consumer = consumer()] in await consumer.run() }
        send("a")
        await door.begun.wait(atMost: .seconds(60), clock: clock)
        send("b")
        await door.begun.wait(atMost: .seconds(60), clock: clock)
        consuming.cancel()
        await consuming.value
        #expect(door.batches == [["a"], ["b"]])
    }
}
