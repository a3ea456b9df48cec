import JSON
import Messaging
import MessagingLive
import Postgres
import SharedKernel
import TestDoubles
import TestSupport
import Testing

/// What a parking place must keep, whatever it is made of.
@Suite(.timeLimit(.minutes(2)))
struct ParkingConformanceTests {
    enum Kind: CaseIterable {
        case inMemory, postgres

        func make() async throws -> any ParkingUnderTest {
            switch self {
            case .inMemory: InMemoryParking()
            case .postgres: PostgresParkingUnderTest(database: try await PostgresDatabase())
            }
        }
    }

    private func parked(_ body: [UInt8], reason: String = "poison") -> ParkedMessage {
        ParkedMessage(
            delivery: Delivery(messageID: nil, type: nil, body: body, queue: "q"), reason: reason)
    }

    @Test(arguments: Kind.allCases)
    func `every byte is kept, NUL and broken UTF-8 among them`(kind: Kind) async throws {
        let parking = try await kind.make()
        let bodies: [[UInt8]] = [
            [], [0], [0, 0, 97, 0], [0xC3], [0xFF, 0xFE], [0xED, 0xA0, 0x80],
            Array(#"{"a\":NULL,\\x00}"#.utf8), Array(0...255),
            Array(repeating: 0, count: 100_000),
        ]
        try await parking.park(bodies.map { parked($0) })
        #expect(try await parking.messages().map(\.delivery.body) == bodies)
    }

    @Test(arguments: Kind.allCases)
    func `all that is known of a message is kept`(kind: Kind) async throws {
        let parking = try await kind.make()
        let message = ParkedMessage(
            delivery: Delivery(
                messageID: try messageID(7), type: "payment_failed", body: [1],
                headers: ["x-request-id": #"a "quoted" \ one"#, "traceparent": "00-ab"],
                sender: "payments", queue: "payment_failed"),
            reason: "contradiction: order is PAID already")
        try await parking.park([message])
        #expect(try await parking.messages() == [message])
    }

    @Test(arguments: Kind.allCases)
    func `reasons of any words are kept`(kind: Kind) async throws {
        let parking = try await kind.make()
        try await parking.park(
            nastyTexts.enumerated().map { parked([UInt8($0.offset)], reason: $0.element) })
        #expect(
            try await parking.messages().map { Array($0.reason.utf8) }
                == nastyTexts.map { Array($0.utf8) })
    }

    @Test(arguments: Kind.allCases)
    func `a message with an id is kept once, however often it comes`(kind: Kind) async throws {
        let parking = try await kind.make()
        let id = try messageID(7)
        func message(_ body: [UInt8], _ queue: String) -> ParkedMessage {
            ParkedMessage(
                delivery: Delivery(messageID: id, type: nil, body: body, queue: queue),
                reason: "poison")
        }
        for _ in 0..<3 { try await parking.park([message([1], "q"), message([1], "q")]) }
        #expect(try await parking.messages().count == 1)
        // Another body under the same id is another message, and so is one of another queue.
        try await parking.park([message([2], "q"), message([1], "r")])
        #expect(try await parking.messages().count == 3)
    }

    @Test func `of a body that is too long the beginning is kept, its length and its digest`()
        async throws
    {
        let database = try await PostgresDatabase()
        let excess = Delivery.Excess(length: 10_000_000, sha256: Array(0..<32))
        try await PostgresParking(pool: database.pool).park(
            (0..<40).map { number in
                ParkedMessage(
                    delivery: Delivery(
                        messageID: nil, type: nil, body: Array(repeating: number, count: 65_536),
                        excess: number == 0 ? excess : nil, queue: "q"), reason: "too long")
            })
        let rows = try await database.pool.execute(
            Statement(
                """
                SELECT octet_length(body), body_length, body_sha256 FROM parked_messages
                ORDER BY parked_id
                """))
        #expect(rows.count == 40)
        #expect(try rows[0].bigint(1) == 10_000_000)
        #expect(try rows[0].bytes(2) == Array(0..<32))
        #expect(try rows[1].textOrNil(1) == nil)
    }

    @Test(arguments: Kind.allCases)
    func `a message without an id is known by its bytes`(kind: Kind) async throws {
        let parking = try await kind.make()
        try await parking.park([parked([1])])
        try await parking.park([parked([1])])
        try await parking.park([])
        try await parking.park([parked([2])])
        #expect(try await parking.messages().count == 2)
    }

    @Test func `a NUL in a text costs the NUL and not the message`() async throws {
        let parking = try await Kind.postgres.make()
        try await parking.park([
            ParkedMessage(
                delivery: Delivery(
                    messageID: nil, type: "a\0b", body: [0], headers: ["h": "c\0d"], sender: "e\0f",
                    queue: "q"), reason: "g\0h")
        ])
        let kept = try #require(try await parking.messages().first)
        #expect(kept.delivery.type == "ab")
        #expect(kept.delivery.headers == ["h": "c\0d"])
        #expect(kept.delivery.sender == "ef")
        #expect(kept.reason == "gh")
    }
}

/// A parking place that a test can look into.
protocol ParkingUnderTest: Parking {
    /// What was parked, oldest first.
    func messages() async throws -> [ParkedMessage]
}

extension InMemoryParking: ParkingUnderTest {
    func messages() async throws -> [ParkedMessage] { messages }
}

private struct PostgresParkingUnderTest: ParkingUnderTest {
    let database: PostgresDatabase

    func park(_ messages: [ParkedMessage]) async throws {
        try await PostgresParking(pool: database.pool).park(messages)
    }

    func messages() async throws -> [ParkedMessage] {
        try await database.pool.execute(
            Statement(
                """
                SELECT queue, message_id, type, body, headers, sender, reason
                FROM parked_messages ORDER BY parked_id
                """)
        ).map { row in
            guard case .object(let members) = try JSONValue(parsing: Array(row.text(4).utf8))
            else { throw NotAnObject() }
            return ParkedMessage(
                delivery: Delivery(
                    messageID: try row.textOrNil(1).flatMap { MessageID($0) },
                    type: try row.textOrNil(2), body: try row.bytes(3),
                    headers: Dictionary(
                        uniqueKeysWithValues: members.map { ($0.name, $0.value.string ?? "") }),
                    sender: try row.textOrNil(5), queue: try row.text(0)),
                reason: try row.text(6))
        }
    }

    private struct NotAnObject: Error {}
}
