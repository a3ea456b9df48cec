import Messaging
import MessagingLive
import Postgres
import SharedKernel
import TestDoubles
import TestSupport
import Testing

/// What an outbox must be, whatever it is made of.
@Suite(.timeLimit(.minutes(2)))
struct OutboxConformanceTests {
    /// The double and the real thing.
    enum Kind: CaseIterable {
        case inMemory, postgres

        func make() async throws -> any OutboxUnderTest {
            switch self {
            case .inMemory: InMemoryOutbox()
            case .postgres: PostgresOutboxUnderTest(database: try await PostgresDatabase())
            }
        }
    }

    private func message(_ number: Int, headers: [String: String] = [:]) throws -> OutboxMessage {
        OutboxMessage(
            id: try messageID(number), type: "order_created", payload: Array("{\"n\":1}".utf8),
            headers: headers, createdAt: .now, attempts: 0)
    }

    /// Claims and gives every message the same disposition.
    private func relay(
        _ outbox: any Outbox, upTo limit: Int = 10, _ disposition: OutboxDisposition = .delete
    ) async throws -> [MessageID] {
        var claimed: [MessageID] = []
        let count = try await outbox.relay(upTo: limit) { messages in
            claimed = messages.map(\.id)
            return messages.map { _ in disposition }
        }
        #expect(count == claimed.count)
        return claimed
    }

    @Test(arguments: Kind.allCases)
    func `the oldest are claimed first, up to the limit`(kind: Kind) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try [3, 1, 5, 2, 4].map { try message($0) })
        #expect(try await relay(outbox, upTo: 2) == [try messageID(1), try messageID(2)])
        #expect(
            try await relay(outbox) == [try messageID(3), try messageID(4), try messageID(5)])
        #expect(try await relay(outbox) == [])
    }

    @Test(arguments: Kind.allCases)
    func `an empty outbox calls nobody`(kind: Kind) async throws {
        let outbox = try await kind.make()
        let count = try await outbox.relay(upTo: 10) { _ in
            Issue.record("called without a message")
            return []
        }
        #expect(count == 0)
    }

    @Test(arguments: Kind.allCases)
    func `a message comes back as it was left`(kind: Kind) async throws {
        let outbox = try await kind.make()
        let headers = ["traceparent": "00-ab-cd-01", "x-request-id": #"quote " \ and {}"#]
        let payload = Array(#"{"description":"ein Täßchen 🍵 \"\\ {}, NULL"}"#.utf8)
        let message = OutboxMessage(
            id: try messageID(1), type: "payment_failed", payload: payload, headers: headers,
            createdAt: .now, attempts: 0)
        try await outbox.append([message])
        _ = try await outbox.relay(upTo: 1) { messages in
            #expect(messages.map(\.id) == [message.id])
            #expect(messages.map(\.type) == [message.type])
            #expect(messages.map(\.payload) == [payload])
            #expect(messages.map(\.headers) == [headers])
            #expect(messages.map(\.attempts) == [0])
            let age = Timestamp.now.microseconds - (messages.first?.createdAt.microseconds ?? 0)
            #expect(abs(age) < 60_000_000)
            return [.delete]
        }
    }

    @Test(arguments: Kind.allCases)
    func `two relays at once never share a message`(kind: Kind) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try (1...6).map { try message($0) })
        var inner: [MessageID] = []
        let count = try await outbox.relay(upTo: 4) { outer in
            #expect(outer.map(\.id) == (try (1...4).map { try messageID($0) }))
            inner = try await relay(outbox)
            return outer.map { _ in .delete }
        }
        #expect(count == 4)
        #expect(inner == [try messageID(5), try messageID(6)])
        #expect(try await outbox.backlog().count == 0)
    }

    @Test(arguments: Kind.allCases)
    func `eight relays claim each of many messages once`(kind: Kind) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try (0..<400).map { try message($0) })
        let claimed = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var mine: [MessageID] = []
                    while try await outbox.backlog().count > 0 {
                        mine += try await relay(outbox, upTo: 7)
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.sorted() == (try (0..<400).map { try messageID($0) }))
    }

    @Test(arguments: Kind.allCases)
    func `a message that a slow transaction commits late is not passed over`(
        kind: Kind
    ) async throws {
        let outbox = try await kind.make()
        try await outbox.append([try message(2)])
        var meanwhile: [[MessageID]] = []
        try await outbox.appendLate(try message(1)) {
            meanwhile = [try await relay(outbox), try await relay(outbox)]
        }
        #expect(meanwhile == [[try messageID(2)], []])
        #expect(try await relay(outbox) == [try messageID(1)])
    }

    @Test(arguments: Kind.allCases)
    func `when publishing throws, every message is free again and as it was`(
        kind: Kind
    ) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try (1...3).map { try message($0) })
        for _ in 0..<3 {
            await #expect(throws: ScriptedFault.self) {
                try await outbox.relay(upTo: 10) { _ in throw ScriptedFault(isTransient: true) }
            }
        }
        _ = try await outbox.relay(upTo: 10) { messages in
            #expect(messages.map(\.attempts) == [0, 0, 0])
            return messages.map { _ in .delete }
        }
        #expect(try await outbox.backlog().count == 0)
    }

    @Test(arguments: Kind.allCases)
    func `what is postponed is due later, and keeps nothing behind it from being claimed`(
        kind: Kind
    ) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try (1...3).map { try message($0) })
        #expect(try await relay(outbox, upTo: 2, .postpone(.seconds(3_600))).count == 2)
        #expect(try await relay(outbox) == [try messageID(3)])
        #expect(try await relay(outbox) == [])
        #expect(try await outbox.backlog().count == 2)
    }

    @Test(arguments: Kind.allCases)
    func `what is postponed becomes due by itself and counts its attempts`(
        kind: Kind
    ) async throws {
        let outbox = try await kind.make()
        try await outbox.append([try message(1)])
        for attempts in 0..<3 {
            var seen: Int?
            try await eventually {
                try await outbox.relay(upTo: 1) { messages in
                    seen = messages.first?.attempts
                    return [.postpone(.milliseconds(30))]
                } == 1
            }
            #expect(seen == attempts)
        }
    }

    @Test(arguments: Kind.allCases)
    func `each message meets its own end`(kind: Kind) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try (1...4).map { try message($0) })
        _ = try await outbox.relay(upTo: 10) { _ in
            [.delete, .postpone(.zero), .delete, .postpone(.seconds(3_600))]
        }
        #expect(try await outbox.backlog().count == 2)
        #expect(try await relay(outbox) == [try messageID(2)])
    }

    @Test(arguments: Kind.allCases)
    func `what was given no disposition stays`(kind: Kind) async throws {
        let outbox = try await kind.make()
        try await outbox.append(try (1...3).map { try message($0) })
        _ = try await outbox.relay(upTo: 10) { _ in [.delete] }
        #expect(try await relay(outbox) == [try messageID(2), try messageID(3)])
    }

    @Test(arguments: Kind.allCases)
    func `a message that still waits is not doubled, one that went may come again`(
        kind: Kind
    ) async throws {
        let outbox = try await kind.make()
        for _ in 0..<3 { try await outbox.append([try message(1), try message(2)]) }
        #expect(try await relay(outbox).count == 2)
        try await outbox.append([try message(1)])
        #expect(try await relay(outbox) == [try messageID(1)])
    }

    @Test(arguments: Kind.allCases)
    func `the backlog counts what waits, due or not, and the age of the oldest`(
        kind: Kind
    ) async throws {
        let outbox = try await kind.make()
        #expect(try await outbox.backlog() == OutboxBacklog(count: 0, oldestAge: .zero))
        try await outbox.append([try message(2), try message(1)])
        let young = try await outbox.backlog()
        #expect(young.count == 2)
        try await eventually { try await outbox.backlog().oldestAge > young.oldestAge }
        _ = try await relay(outbox)
        #expect(try await outbox.backlog() == OutboxBacklog(count: 0, oldestAge: .zero))
    }
}
