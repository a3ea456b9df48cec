import Messaging
import Synchronization
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OutboxRelayTests {
    private let clock = ManualClock()
    private let bell = WakeSignal()
    private let broker = InMemoryBroker()
    private let outbox: InMemoryOutbox

    init() {
        outbox = InMemoryOutbox(clock: clock)
        broker.declare("orders")
    }

    private func relay(
        _ publisher: (any MessagePublisher)? = nil, queue: String = "orders"
    ) -> OutboxRelay {
        OutboxRelay(
            outbox: outbox,
            publisher: publisher ?? broker.publisher(routes: ["order_created": queue]), wake: bell,
            pollInterval: .seconds(1), clock: clock, logger: silent)
    }

    @Test func `what the broker confirms is deleted, in the order of ids`() async throws {
        try outbox.append([try outboxMessage(2), try outboxMessage(1), try outboxMessage(3)])
        #expect(try await relay().runOnce() == 3)
        #expect(outbox.messages.isEmpty)
        #expect(
            broker.waiting(in: "orders").map(\.messageID)
                == [try messageID(1), try messageID(2), try messageID(3)])
    }

    @Test func `a returned message stays, and each time it is put off longer`() async throws {
        try outbox.append([try outboxMessage(1)])
        let relay = relay(queue: "nobody declared this")
        for delay in [500, 1_000, 2_000, 4_000] {
            #expect(try await relay.runOnce() == 1)
            clock.advance(by: .milliseconds(delay - 1))
            #expect(try await relay.runOnce() == 0, "not due before \(delay) ms")
            clock.advance(by: .milliseconds(1))
        }
        #expect(outbox.messages.map(\.attempts) == [4])
    }

    @Test func `a refused message keeps those beside it from nothing`() async throws {
        try outbox.append([try outboxMessage(1), try outboxMessage(2)])
        broker.treat(.refuse)
        #expect(try await relay().runOnce() == 2)
        #expect(outbox.messages.map(\.id) == [try messageID(1)])
    }

    @Test func `when the broker's word is lost nothing is deleted, and it goes out again`()
        async throws
    {
        try outbox.append([try outboxMessage(1), try outboxMessage(2)])
        broker.treat(.loseConfirm)
        await #expect(throws: ScriptedFault.self) { try await relay().runOnce() }
        #expect(outbox.messages.count == 2)
        #expect(try await relay().runOnce() == 2)
        #expect(outbox.messages.isEmpty)
        #expect(
            broker.waiting(in: "orders").count == 4, "at-least-once: repeats are to be expected")
    }

    @Test func `a publisher with too few outcomes deletes nothing`() async throws {
        struct Forgetful: MessagePublisher {
            func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome] {
                Array(repeating: .confirmed, count: messages.count - 1)
            }
        }
        try outbox.append([try outboxMessage(1), try outboxMessage(2)])
        await #expect(throws: (any Error).self) { try await relay(Forgetful()).runOnce() }
        #expect(outbox.messages.count == 2)
    }

    @Test func `a full pass is followed by the next without waiting`() async throws {
        try outbox.append(try (0..<600).map { try outboxMessage($0) })
        let relaying = Task { [relay = relay()] in await relay.run() }
        // The first sleep is the idle one: three passes went before it.
        await clock.untilSomebodySleeps()
        #expect(outbox.messages.isEmpty)
        #expect(clock.elapsed == .zero)
        relaying.cancel()
        await relaying.value
    }

    @Test func `an idle relay is woken by the bell, and looks by itself when nobody rings`()
        async throws
    {
        let relaying = Task { [relay = relay()] in await relay.run() }
        await clock.untilSomebodySleeps()
        try outbox.append([try outboxMessage(1)])
        bell.ring()
        await untilPublished(1)
        #expect(clock.elapsed == .zero)
        try outbox.append([try outboxMessage(2)])
        #expect(await clock.passNextSleep() == .seconds(1))
        await untilPublished(2)
        relaying.cancel()
        await relaying.value
    }

    /// Takes messages from the queue until so many have come in all.
    private func untilPublished(_ number: Int) async {
        let subscription = broker.subscription(to: "orders")
        while let batch = try? await subscription.nextBatch(upTo: 10) {
            if batch.deliveries.last?.body == Array("\(number)".utf8) { return }
        }
    }

    @Test func `after a failed pass no ring shortens the rest`() async throws {
        try outbox.append([try outboxMessage(1)])
        let publisher = RingingPublisher(bell: bell)
        let relaying = Task { [relay = relay(publisher)] in await relay.run() }
        for pass in 1...20 {
            await clock.untilSomebodySleeps()
            #expect(publisher.calls == pass)
            #expect(await clock.passNextSleep() >= .milliseconds(50))
        }
        #expect(outbox.messages.count == 1)
        relaying.cancel()
        await relaying.value
    }

    /// A broker that is away while commits go on: each failed pass finds the bell rung.
    private final class RingingPublisher: MessagePublisher {
        private let count = Mutex(0)
        private let bell: WakeSignal
        var calls: Int { count.withLock { $0 } }

        init(bell: WakeSignal) { self.bell = bell }

        func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome] {
            count.withLock { $0 += 1 }
            bell.ring()
            throw ScriptedFault(isTransient: true)
        }
    }

    @Test func `a pass under way is finished when the relay is stopped`() async throws {
        try outbox.append([try outboxMessage(1)])
        let publisher = SlowPublisher()
        let relaying = Task { [relay = relay(publisher)] in await relay.run() }
        await publisher.begun.wait(atMost: .seconds(60), clock: clock)
        relaying.cancel()
        publisher.mayEnd.ring()
        await relaying.value
        #expect(outbox.messages.isEmpty, "confirmed, so deleted, although the relay was stopped")
    }

    /// Takes its time, and notices cancellation.
    private struct SlowPublisher: MessagePublisher {
        let begun = WakeSignal()
        let mayEnd = WakeSignal()

        func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome] {
            begun.ring()
            let isAllowed = await mayEnd.wait(atMost: .seconds(60), clock: ContinuousClock())
            guard isAllowed else { throw CancellationError() }
            return messages.map { _ in .confirmed }
        }
    }
}
