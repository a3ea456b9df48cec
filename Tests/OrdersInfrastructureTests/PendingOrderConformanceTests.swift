import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// What waits for its end is announced again, and nothing else is.
@Suite(.timeLimit(.minutes(2)))
struct PendingOrderConformanceTests {
    private static let patience: Duration = .seconds(30)

    private func sweep(
        _ world: OrderWorld, _ sweep: PendingSweep = PendingSweep(),
        patience: Duration = Self.patience
    ) async throws -> PendingSweepResult {
        try await AnnounceAgain(orders: world.pending, patience: patience)(sweep)
    }

    /// Orders whose announcements the broker has confirmed.
    private func place(_ numbers: ClosedRange<Int>, in world: OrderWorld) async throws {
        for number in numbers {
            _ = try await world.orders.add(
                try orderRequest(by: "ada", "\(number)"), as: try orderID(number),
                correlation: Correlation(requestID: "r-\(number)"))
        }
        try await world.publishAll()
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order that waits for too long is announced once more, as the same message`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1...1, in: world)
        // Real time passes, too, on a busy machine seconds of it.
        try await world.age(by: .seconds(15))
        #expect(try await sweep(world) == PendingSweepResult(announced: [], next: nil))
        #expect(try await world.announcements().isEmpty)
        try await world.age(by: .seconds(15))
        #expect(try await sweep(world).announced == [try orderID(1)])
        let message = try #require(try await world.announcements().first)
        #expect(message.id == MessageID(announcing: try orderID(1)))
        #expect(message.type == OrderCreated.type)
        #expect(
            try OrderCreated(payload: message.payload)
                == Order.created(try orderID(1), try orderRequest(by: "ada", "1")))
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `each time it waits longer`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        try await place(1...1, in: world)
        try await world.age(by: Self.patience)
        #expect(try await sweep(world).announced.count == 1)
        try await world.publishAll()
        // The second wait is 30 to 60 s, the third 60 to 120 s.
        for (tooShort, rest) in [(15, 45), (45, 75)] {
            try await world.age(by: .seconds(tooShort))
            #expect(try await sweep(world).announced.isEmpty, "within \(tooShort) s")
            try await world.age(by: .seconds(rest))
            #expect(try await sweep(world).announced.count == 1)
            try await world.publishAll()
        }
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order whose announcement still waits in the outbox is left alone`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        _ = try await world.orders.add(
            try orderRequest(), as: try orderID(1), correlation: .none)
        try await world.age(by: .seconds(3_600))
        #expect(try await sweep(world).announced.isEmpty)
        try await world.publishAll()
        #expect(try await sweep(world).announced.count == 1, "its waiting was not in vain")
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order that reached its end is not announced again`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1...3, in: world)
        _ = try await SettleOrders(orders: world.orders)(
            [try outcome(1, .paid, "1"), try outcome(3, .failed(nil), "3")])
        try await world.age(by: .seconds(3_600))
        #expect(try await sweep(world).announced == [try orderID(2)])
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `a sweep is bounded, and the next one goes on where it ended`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1...10, in: world)
        try await world.age(by: .seconds(3_600))
        var bounded = PendingSweep()
        bounded.announceLimit = 4
        var announced: [[Int]] = []
        repeat {
            let result = try await sweep(world, bounded)
            announced.append(
                try result.announced.map { id in
                    try #require(try (1...10).first { try orderID($0) == id })
                })
            bounded.after = result.next
        } while bounded.after != nil && announced.count < 9
        #expect(announced == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]])
        var narrow = PendingSweep()
        narrow.lookLimit = 6
        let first = try await sweep(world, narrow)
        #expect(first == PendingSweepResult(announced: [], next: try orderID(6)))
        narrow.after = first.next
        #expect(try await sweep(world, narrow).next == nil)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `of many that sweep at once, one announces an order`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1...50, in: world)
        try await world.age(by: .seconds(3_600))
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<5 { group.addTask { try await sweep(world).announced.count } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts.reduce(0, +) == 50, "\(counts)")
        #expect(try await world.announcements().count == 50)
    }
}
