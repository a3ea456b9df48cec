import Messaging
import MessagingLive
import SharedKernel
import TestDoubles
import Testing

/// What every place of parked messages does.
@Suite(.timeLimit(.minutes(2)))
struct ParkedMessagesConformanceTests {
    enum Kind: CaseIterable {
        case inMemory, postgres

        func make() async throws -> (parking: any Parking, messages: any ParkedMessages) {
            switch self {
            case .inMemory:
                let both = InMemoryParkedMessages()
                return (both, both)
            case .postgres:
                let pool = try await PostgresDatabase().pool
                return (PostgresParking(pool: pool), PostgresParkedMessages(pool: pool))
            }
        }
    }

    private func message(
        _ id: Int? = nil, _ body: [UInt8] = [1], headers: [String: String] = [:],
        sender: String? = nil, excess: Delivery.Excess? = nil
    ) throws -> ParkedMessage {
        ParkedMessage(
            delivery: Delivery(
                messageID: try id.map { try messageID($0) }, type: "t", body: body, excess: excess,
                headers: headers, sender: sender, queue: "q"), reason: "poison")
    }

    @Test(arguments: Kind.allCases)
    func `they are listed newest first, page by page, and found as they came`(
        kind: Kind
    ) async throws {
        let (parking, messages) = try await kind.make()
        let excess = Delivery.Excess(length: 100_000, sha256: Array(0..<32))
        let all = [
            try message(1, [0xFF, 0], headers: ["a": "b"], sender: "orders"), try message(2),
            try message(nil, [7], excess: excess),
        ]
        for message in all { try await parking.park([message]) }
        let first = try await messages.list(state: nil, before: nil, limit: 2)
        let rest = try await messages.list(state: nil, before: first.last?.id, limit: 2)
        #expect(
            (first + rest).map(\.messageID)
                == [nil, try messageID(2), try messageID(1)])
        #expect(first.first?.isCut == true && first.first?.length == 100_000)
        #expect(rest.first?.isCut == false && rest.first?.length == 2)
        for (row, message) in zip((first + rest).reversed(), all) {
            let record = try #require(try await messages.find(row.id))
            #expect(record.delivery == message.delivery)
            #expect(record.row == row && record.actions.isEmpty)
        }
        #expect(try await messages.find(99) == nil)
    }

    @Test(arguments: Kind.allCases)
    func `what was decided stays decided, and who did it when is kept`(kind: Kind) async throws {
        let (parking, messages) = try await kind.make()
        try await parking.park([try message(1)])
        let id = try #require(try await messages.list(state: .parked, before: nil, limit: 9).first)
            .id
        let failed = try await messages.begin(.replay, on: id, by: "ada")
        #expect(try await messages.find(id)?.actions.first?.result == nil)
        try await messages.end(failed, on: id, result: "stays parked", state: nil)
        #expect(try await messages.find(id)?.row.state == .parked)
        let replayed = try await messages.begin(.replay, on: id, by: "bob")
        try await messages.end(replayed, on: id, result: "debited", state: .replayed)
        let late = try await messages.begin(.discard, on: id, by: "eve")
        try await messages.end(late, on: id, result: "discarded", state: .discarded)
        let record = try #require(try await messages.find(id))
        #expect(record.row.state == .replayed)
        #expect(record.actions.map(\.caller) == ["ada", "bob", "eve"])
        #expect(record.actions.map(\.result) == ["stays parked", "debited", "discarded"])
        #expect(try await messages.list(state: .parked, before: nil, limit: 9).isEmpty)
        #expect(try await messages.list(state: .replayed, before: nil, limit: 9).count == 1)
    }

    @Test(arguments: Kind.allCases)
    func `a message that comes again after it was decided on is parked again`(
        kind: Kind
    ) async throws {
        let (parking, messages) = try await kind.make()
        for id in [1, nil] as [Int?] {
            for _ in 0..<2 { try await parking.park([try message(id), try message(id)]) }
            let open = try await messages.list(state: .parked, before: nil, limit: 9)
            #expect(open.count == 1)
            for row in open {
                let action = try await messages.begin(.replay, on: row.id, by: "ada")
                try await messages.end(action, on: row.id, result: "done", state: .replayed)
            }
            try await parking.park([try message(id)])
            let again = try await messages.list(state: .parked, before: nil, limit: 9)
            #expect(again.count == 1 && again.first?.id != open.first?.id)
            for row in again {
                let action = try await messages.begin(.discard, on: row.id, by: "ada")
                try await messages.end(action, on: row.id, result: "done", state: .discarded)
            }
        }
        #expect(try await messages.list(state: nil, before: nil, limit: 9).count == 4)
    }

    @Test(arguments: Kind.allCases)
    func `of messages without an id those are one that are alike in all that they say`(
        kind: Kind
    ) async throws {
        let (parking, messages) = try await kind.make()
        for _ in 0..<2 {
            try await parking.park([
                try message(), try message(nil, [2]), try message(nil, headers: ["a": "b"]),
                try message(nil, sender: "mallory"),
            ])
        }
        #expect(try await messages.list(state: nil, before: nil, limit: 9).count == 4)
    }
}
