import Messaging
import SharedKernel
import Synchronization
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ParkingDeskTests {
    private let messages = InMemoryParkedMessages()
    private let handled = HandledEvents()

    /// What the use case was given.
    private final class HandledEvents: Sendable {
        let events = Mutex<[String]>([])
        let faults = FaultScript()
    }

    private var desk: ParkingDesk {
        let reader = DeliveryReader<String>(publisher: TrustedPublisher(user: "orders")) {
            delivery throws(UnreadableEvent) in
            guard delivery.body != [0] else { throw UnreadableEvent("body: poison") }
            return String(decoding: delivery.body, as: UTF8.self)
        }
        return ParkingDesk(
            messages: messages,
            replay: MessageReplay(reader: reader) { received in
                ReplayOutcome(isHandled: true, words: "would handle \(received.event)")
            } replay: { [handled] received in
                try handled.faults.check()
                handled.events.withLock { $0.append(received.event) }
                return ReplayOutcome(isHandled: true, words: "handled \(received.event)")
            })
    }

    private func park(
        _ body: String, sender: String? = "orders", excess: Delivery.Excess? = nil
    ) async throws -> Int64 {
        try await messages.park([
            ParkedMessage(
                delivery: Delivery(
                    messageID: nil, type: nil, body: Array(body.utf8), excess: excess,
                    sender: sender, queue: "q"), reason: "why")
        ])
        return try #require(try await messages.list(state: nil, before: nil, limit: 1).first).id
    }

    private var events: [String] { handled.events.withLock(\.self) }

    @Test func `a rehearsal tells and does nothing`() async throws {
        let id = try await park("tea")
        let outcome = try await desk.rehearse(id, believing: false)
        #expect(outcome == ReplayOutcome(isHandled: true, words: "would handle tea"))
        #expect(events.isEmpty)
        let record = try await messages.find(id)
        #expect(record?.row.state == .parked && record?.actions.isEmpty == true)
    }

    @Test func `a replay is done once, and noted`() async throws {
        let id = try await park("tea")
        #expect(try await desk.replay(id, by: "ada", believing: false).words == "handled tea")
        #expect(try await desk.replay(id, by: "bob", believing: false).isHandled)
        #expect(events == ["tea"])
        let record = try await messages.find(id)
        #expect(record?.row.state == .replayed)
        #expect(record?.actions.map(\.caller) == ["ada"])
        await #expect(throws: ParkingDesk.Refusal.decided(.replayed)) {
            try await desk.discard(id, by: "ada")
        }
    }

    @Test func `whom nobody believes is replayed only where somebody vouches for them`()
        async throws
    {
        for sender in ["mallory", nil] {
            let id = try await park("tea", sender: sender)
            let refused = try await desk.replay(id, by: "ada", believing: false)
            #expect(!refused.isHandled && refused.words.contains("only 'orders' may tell this"))
            #expect(try await messages.find(id)?.row.state == .parked)
            #expect(try await desk.replay(id, by: "ada", believing: true).isHandled)
        }
        #expect(events == ["tea", "tea"])
    }

    @Test func `what is cut or no event stays parked, vouched for or not`() async throws {
        let cut = try await park("te", excess: .init(length: 99_999, sha256: Array(0..<32)))
        let poison = try await park("\0")
        for id in [cut, poison] {
            let outcome = try await desk.replay(id, by: "ada", believing: true)
            #expect(!outcome.isHandled && outcome.words.hasPrefix("stays parked: "))
            let record = try await messages.find(id)
            #expect(record?.row.state == .parked && record?.actions.count == 1)
        }
        #expect(events.isEmpty)
    }

    @Test func `trouble in the middle leaves it parked, with a note`() async throws {
        let id = try await park("tea")
        handled.faults.fail()
        await #expect(throws: (any Error).self) {
            try await desk.replay(id, by: "ada", believing: false)
        }
        let record = try await messages.find(id)
        #expect(record?.row.state == .parked)
        #expect(record?.actions.first?.result?.hasPrefix("failed: ") == true)
        #expect(try await desk.replay(id, by: "ada", believing: false).isHandled)
        #expect(events == ["tea"])
    }

    @Test func `what is discarded is kept, and cannot be replayed`() async throws {
        let id = try await park("tea")
        #expect(try await desk.discard(id, by: "ada").isHandled)
        #expect(try await desk.discard(id, by: "bob").isHandled)
        await #expect(throws: ParkingDesk.Refusal.decided(.discarded)) {
            try await desk.replay(id, by: "ada", believing: false)
        }
        let record = try await messages.find(id)
        #expect(record?.delivery.body == Array("tea".utf8) && record?.actions.count == 1)
        await #expect(throws: ParkingDesk.Refusal.notFound) { try await desk.discard(9, by: "ada") }
    }
}
