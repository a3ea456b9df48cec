import Access
import Foundation
import GRPCCore
import Logging
import NIOCore
import OrderServiceRPC
import OrdersApplication
import ServiceHost
import SwiftProtobuf
import TestDoubles
import TestSupport
import Testing

@testable import OrdersPresentation

/// CreateOrder calls that are answered on their stream, held against the same calls on the
/// library's way, which a call takes that says how its message is encoded.
@Suite(.timeLimit(.minutes(1))) struct CallStreamTests {
    private static let ways: [[String: String]] = [[:], ["grpc-encoding": "identity"]]

    private static func order(
        _ user: String = "ann", _ amount: Double = 42.5, _ description: String = "tea"
    ) throws -> [[UInt8]] {
        [
            try RawConnection.framed(
                .with {
                    $0.userID = user
                    $0.amount = amount
                    $0.description_p = description
                })
        ]
    }

    @Test func `both ways give the same order in the same fields`() async throws {
        try await withDoor { connection, orders in
            var answers: [RawConnection.Answer] = []
            for way in Self.ways {
                answers.append(
                    try await connection.create(
                        way.merging(["x-request-id": "r-1"]) { $1 }, try Self.order()))
            }
            for answer in answers {
                let order = try #require(answer.order)
                #expect(answer.status == 0)
                #expect(answer.fields["x-request-id"] == "r-1")
                #expect((order.userID, order.amount, order.description_p) == ("ann", 42.5, "tea"))
                #expect(order.status == "PENDING")
            }
            #expect(answers[0].fields.keys.sorted() == answers[1].fields.keys.sorted())
            #expect(orders.orders.count == 2)
        }
    }

    @Test func `a message may come in pieces, and without a description`() async throws {
        try await withDoor { connection, _ in
            let whole = try Self.order("ann", 1, "").flatMap(\.self)
            let answer = try await connection.create(
                [:], [Array(whole[..<3]), Array(whole[3..<7]), Array(whole[7...])])
            #expect(answer.status == 0)
            #expect(answer.order?.amount == 1)
        }
    }

    @Test(arguments: [
        ("", 1.0, ""), ("ann", 0, ""), ("ann", 0.001, ""), ("ann", .nan, ""),
        ("an\u{7}n", 1, ""), ("ann", 1, String(repeating: "d", count: 1_001)),
        ("ann", 1, "\u{202E}"),
    ])
    func `both ways refuse a wrong value in the same words`(
        user: String, amount: Double, description: String
    ) async throws {
        try await withDoor { connection, orders in
            var told: [String] = []
            for way in Self.ways {
                let answer = try await connection.create(
                    way, try Self.order(user, amount, description))
                #expect(answer.status == 3)
                told.append(answer.fields["grpc-message"] ?? "none")
            }
            #expect(told[0] == told[1])
            #expect(told[0] != "none")
            #expect(orders.orders.isEmpty)
        }
    }

    @Test func `a key makes of two calls one order, whichever way each comes`() async throws {
        try await withDoor { connection, orders in
            var ids: Set<String> = []
            var replayed: [String?] = []
            for way in Self.ways + Self.ways {
                let fields = way.merging(["idempotency-key": "k"]) { $1 }
                let answer = try await connection.create(fields, try Self.order())
                ids.insert(answer.order?.orderID ?? "none")
                replayed.append(answer.fields["idempotent-replayed"])
                let other = try await connection.create(fields, try Self.order("bob"))
                #expect(other.status == 3)
                #expect(other.fields["kassa-error"] == "idempotency_key_reused")
            }
            #expect(ids.count == 1 && !ids.contains("none"))
            #expect(replayed == [nil, "true", "true", "true"])
            #expect(orders.orders.count == 1)
        }
    }

    @Test func `who may not is told so in the same words on both ways`() async throws {
        let line = TokenSet.Entry(
            caller: Caller(name: "vera", role: .viewer), digest: TokenDigest(of: "see")
        ).line
        let file = FileManager.default.temporaryDirectory
            .appending(path: "kassa-tokens-\(UUID().uuidString)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try line.write(toFile: file, atomically: true, encoding: .utf8)
        try await withDoor(security: DoorSecurity(tokensFile: file)) { connection, orders in
            for (token, status) in [("Bearer see", 7), ("Bearer other", 16), ("", 16)] {
                let words = try await Self.words(
                    connection, ["authorization": token], status: status)
                #expect(words[0] == words[1])
            }
            #expect(orders.orders.isEmpty)
        }
    }

    private static func words(
        _ connection: RawConnection, _ fields: [String: String], status: Int
    ) async throws -> [String?] {
        var words: [String?] = []
        for way in ways {
            let answer = try await connection.create(
                way.merging(fields) { $1 }, try order())
            #expect(answer.status == status)
            words.append(answer.fields["grpc-message"])
        }
        return words
    }

    @Test func `a fault is told without what it is, on both ways`() async throws {
        for (isTransient, status) in [(true, 14), (false, 13)] {
            try await withDoor { connection, orders in
                orders.faults.fail(2, ScriptedFault(isTransient: isTransient))
                let words = try await Self.words(connection, [:], status: status)
                #expect(words[0] == words[1])
                #expect(words[0]?.contains("ScriptedFault") == false)
            }
        }
    }

    @Test func `until the gate opens both ways are unavailable`() async throws {
        try await withDoor(isOpen: false) { connection, _ in
            let words = try await Self.words(connection, [:], status: 14)
            #expect(words[0] == words[1])
        }
    }

    @Test func `a client beyond its rate has exhausted its resources, each call counted once`()
        async throws
    {
        var limits = RequestLimits()
        limits.rate = 0.01
        limits.burst = 2
        try await withDoor(rates: limits) { connection, _ in
            for _ in 0..<2 {
                #expect(try await connection.create([:], try Self.order()).status == 0)
            }
            let answer = try await connection.create([:], try Self.order())
            #expect(answer.status == 8)
            #expect(answer.fields["retry-after"] != nil)
        }
    }

    @Test(arguments: ["20m", "20000u", "1n"])
    func `a call ends at its caller's deadline, and its place is kept while its work goes on`(
        timeout: String
    ) async throws {
        let requests = RequestGate(1)
        try await withDoor(StalledRepository(isDeaf: true), requests: requests) { connection in
            let started = ContinuousClock.now
            let answer = try await connection.create(["grpc-timeout": timeout], try Self.order())
            #expect(answer.status == 4)
            // The caller's own, not the ten seconds that the door gives everybody.
            #expect(ContinuousClock.now - started < .seconds(9))
            #expect(requests.count == 1)
            let second = try await connection.create([:], try Self.order())
            #expect(second.status == 14)
            #expect(second.fields["grpc-message"] == "Too busy, try again")
        }
    }

    @Test func `a call that its caller gives up does not wait behind the others`() async throws {
        let requests = RequestGate(10)
        try await withDoor(StalledRepository(isDeaf: true), requests: requests) { connection in
            // Two batches are under way; the third call waits for its own.
            var streams: [any Channel] = []
            for number in 0..<3 {
                let stream = try await connection.bareStream()
                let bytes = try Self.order().flatMap(\.self)
                try await stream.writeAndFlush(RawConnection.head([:]))
                try await stream.writeAndFlush(RawConnection.data(bytes))
                try await eventually { requests.count == number + 1 }
                streams.append(stream)
            }
            for stream in streams { stream.close(promise: nil) }
            try await eventually { requests.count == 2 }
        }
    }

    @Test func `calls that are begun and never finished end, each in its own time`() async throws {
        try await withDoor(
            InMemoryOrderRepository(), streamDeadline: .milliseconds(500)
        ) { connection in
            for _ in 0..<3 {
                let stream = try await connection.bareStream()
                try await stream.writeAndFlush(RawConnection.head([:]))
                // Another comes and goes meanwhile.
                _ = try? await connection.create([:], try Self.order())
                let begun = ContinuousClock.now
                let next = try await connection.bareStream()
                try await next.writeAndFlush(RawConnection.head([:]))
                _ = try? await stream.closeFuture.get()
                _ = try? await next.closeFuture.get()
                #expect(ContinuousClock.now - begun >= .milliseconds(500))
            }
        }
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0, 9, 1], 13), ([1, 0, 0, 0, 1, 1], 13), ([0, 0], 13), ([], 13),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 13), ([7, 0, 0, 0, 0], 13),
            ([0, 0, 0, 0, 2, 0xFF, 0xFF], 3), ([0, 0, 1, 0, 1, 0], 8),
        ] as [([UInt8], Int)])
    func `what is no message, or too long a one, is refused`(
        bytes: [UInt8], status: Int
    ) async throws {
        try await withDoor { connection, orders in
            for way in Self.ways {
                let answer = try await connection.create(way, [bytes])
                #expect(answer.status == status)
            }
            #expect(orders.orders.isEmpty)
        }
    }

    @Test(arguments: [
        ([":path": "/orders.OrderService/DropOrders"], "grpc-status", "12"),
        ([":path": "/orders.OrderService"], "grpc-status", "12"),
        (["grpc-encoding": "gzip"], "grpc-accept-encoding", "identity"),
        (["content-type": "application/json"], ":status", "415"),
        ([":method": "PUT"], ":status", "415"),
    ])
    func `what is no call of this door is told so`(
        fields: [String: String], name: String, value: String
    ) async throws {
        try await withDoor { connection, orders in
            let answer = try await connection.create(fields, try Self.order())
            #expect(answer.fields[name] == value)
            #expect(orders.orders.isEmpty)
        }
    }

    @Test func `an answer that nobody takes ends with its stream's time`() async throws {
        try await withDoor(
            InMemoryOrderRepository(), streamDeadline: .milliseconds(500)
        ) { connection in
            let order = try Self.order("ann", 1, String(repeating: "d", count: 1_000))
            for _ in 0..<100 { _ = try await connection.create([:], order) }
            let stream = try await connection.bareStream()
            // So it opens no window for more than HTTP/2 gives at first.
            try await stream.setOption(.autoRead, value: false).get()
            try await stream.writeAndFlush(
                RawConnection.head([":path": "/orders.OrderService/ListOrders"]))
            try await stream.writeAndFlush(RawConnection.data([0, 0, 0, 0, 0]))
            _ = try? await stream.closeFuture.get()
            #expect(try await connection.create([:], try Self.order()).status == 0)
        }
    }

    // MARK: The door

    private func withDoor(
        security: DoorSecurity? = nil, isOpen: Bool = true, rates: RequestLimits = RequestLimits(),
        _ body: @escaping @Sendable (RawConnection, InMemoryOrderRepository) async throws -> Void
    ) async throws {
        let orders = InMemoryOrderRepository()
        try await withDoor(orders, security: security, isOpen: isOpen, rates: rates) {
            try await body($0, orders)
        }
    }

    private func withDoor(
        _ orders: any OrderRepository, security: DoorSecurity? = nil, isOpen: Bool = true,
        rates: RequestLimits = RequestLimits(),
        requests: RequestGate = RequestGate(100), streamDeadline: Duration = .seconds(30),
        _ body: @escaping @Sendable (RawConnection) async throws -> Void
    ) async throws {
        let gate = StartGate()
        if isOpen { gate.open() }
        let security = try security ?? DoorSecurity()
        try await serving { onListening in
            OrderRPCServer(
                host: "127.0.0.1", port: 0, placeOrder: PlaceOrder(orders: orders),
                findOrder: FindOrder(orders: orders), listOrders: ListOrders(orders: orders),
                gate: gate, security: security,
                limits: OrderRPCServer.Limits(
                    connections: 10, limiter: RateLimiter(rates), requests: requests,
                    streamDeadline: streamDeadline),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                onListening: onListening)
        } _: { port, _ in
            try await RawConnection.open(port, body)
        }
    }
}
