import Messaging
import OrdersApplication
import OrdersDomain
import OrdersInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import Testing

/// A reader of the feed must end with exactly what the database has.
@Suite(.timeLimit(.minutes(2)))
struct PostgresOrderFeedTests {
    /// The database with its repository and its feed.
    private struct World {
        let pool: PostgresPool
        let orders: PostgresOrderRepository
        let feed: PostgresOrderFeed

        init() async throws {
            pool = try await orderDatabase()
            orders = PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
            feed = PostgresOrderFeed(pool: pool)
        }

        func add(_ number: Int) async throws {
            _ = try await orders.add(
                try orderRequest(), as: try orderID(number), correlation: .none)
        }

        func settle(_ numbers: Int...) async throws {
            let outcomes = try numbers.map { try outcome($0, .paid) }
            _ = try await orders.settle(outcomes) { outcome, order in order?.settle(by: outcome) }
        }
    }

    private func ids(_ numbers: Int...) throws -> [OrderID] { try numbers.map { try orderID($0) } }

    @Test func `what is created or settled after the cursor is given, oldest change first`()
        async throws
    {
        let world = try await World()
        try await world.add(1)
        try await world.add(2)
        let start = try await world.feed.end()
        let rest = try await world.feed.changes(after: start, limit: 10)
        #expect(rest.orders.isEmpty && !rest.hasMore)
        try await world.add(3)
        try await world.settle(1)
        let page = try await world.feed.changes(after: start, limit: 10)
        #expect(page.orders.map(\.id) == (try ids(3, 1)))
        #expect(page.orders.map(\.status) == [.pending, .paid])
        #expect(page.orders.first == (try await world.orders.find(try orderID(3))))
        let after = try await world.feed.changes(after: page.next, limit: 10)
        #expect(after.orders.isEmpty)
    }

    @Test func `an order created and settled in between is given once, as it stands`()
        async throws
    {
        let world = try await World()
        let start = try await world.feed.end()
        try await world.add(1)
        try await world.add(2)
        try await world.settle(1)
        let page = try await world.feed.changes(after: start, limit: 10)
        #expect(page.orders.map(\.id) == (try ids(2, 1)))
        #expect(page.orders.map(\.status) == [.pending, .paid])
    }

    @Test func `a transaction that began before the cursor and commits after it is not skipped`()
        async throws
    {
        let world = try await World()
        let (before, during) = try await world.pool.held { transaction in
            try await transaction.execute(
                Statement(
                    """
                    INSERT INTO orders (order_id, user_id, amount, description)
                    VALUES ($1::uuid, 'ada', 100, 'tea')
                    """, try orderID(1).description))
            // Later transactions commit first and the reader goes past them.
            try await world.add(2)
            let before = try await world.feed.end()
            try await world.add(3)
            let during = try await world.feed.changes(after: before, limit: 10)
            return (before, during)
        }
        #expect(during.orders.map(\.id) == (try ids(3)))
        let late = try await world.feed.changes(after: during.next, limit: 10)
        #expect(late.orders.map(\.id) == (try ids(1)), "the late one, and nothing twice")
        let whole = try await world.feed.changes(after: before, limit: 10)
        #expect(Set(whole.orders.map(\.id)) == Set(try ids(1, 3)))
    }

    @Test(arguments: [1, 2, 3, 7]) func `pages lead through everything, whatever their size`(
        limit: Int
    ) async throws {
        let world = try await World()
        let start = try await world.feed.end()
        for number in 1...5 { try await world.add(number) }
        try await world.settle(4, 2)
        var (cursor, given, rounds) = (start, [OrderID](), 0)
        while true {
            let page = try await world.feed.changes(after: cursor, limit: limit)
            #expect(page.orders.count <= limit)
            given += page.orders.map(\.id)
            cursor = page.next
            rounds += 1
            guard page.hasMore, rounds < 20 else { break }
            // What comes while a window is read waits for the next window.
            if rounds == 1 { try await world.add(9) }
        }
        given += try await world.feed.changes(after: cursor, limit: 10).orders.map(\.id)
        #expect(Set(given).isSuperset(of: Set(try ids(1, 2, 3, 4, 5))))
        #expect(given.contains(try orderID(9)) == (limit < 7))
    }

    @Test func `transactions are in the order of their numbers, not of their digits`()
        async throws
    {
        let world = try await World()
        for (number, transaction) in [(1, "100"), (2, "99"), (3, "9")] {
            try await world.add(number)
            try await world.pool.execute(
                Statement(
                    "UPDATE orders SET created_in = $2::xid8 WHERE order_id = $1::uuid",
                    try orderID(number).description, transaction), retry: .idempotent)
        }
        var (cursor, given) = (OrderCursor("5:5:"), [OrderID]())
        for _ in 1...3 {
            let page = try await world.feed.changes(after: cursor, limit: 1)
            given += page.orders.map(\.id)
            cursor = page.next
        }
        #expect(given == (try ids(3, 2, 1)))
    }

    @Test(arguments: [1, 2, 3]) func `readers beside many writers miss nothing`(
        seed: UInt64
    ) async throws {
        let world = try await World()
        let start = try await world.feed.end()
        async let followed = Self.follow(world.feed, from: start, until: 120)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var generator = SeededGenerator(seed: seed &* 100 &+ UInt64(writer))
                    for number in (0..<30).map({ writer * 30 + $0 }) {
                        try await world.add(number)
                        if Bool.random(using: &generator) { try await world.settle(number) }
                    }
                    for number in (0..<30).map({ writer * 30 + $0 }) {
                        try await world.settle(number)
                    }
                }
            }
            try await group.waitForAll()
        }
        let stored = try await world.orders.list(OrderQuery(limit: 1_000))
        let known = try await followed
        #expect(known.count == 120)
        #expect(stored.allSatisfy { known[$0.id] == $0 })
    }

    /// Reads on until that many orders are known to be settled.
    private static func follow(
        _ feed: PostgresOrderFeed, from start: OrderCursor, until count: Int
    ) async throws -> [OrderID: Order] {
        var cursor = start
        var known: [OrderID: Order] = [:]
        let deadline = ContinuousClock.now + .seconds(60)
        while known.values.count(where: { $0.status == .paid }) < count, .now < deadline {
            let page = try await feed.changes(after: cursor, limit: 7)
            for order in page.orders { known[order.id] = order }
            cursor = page.next
        }
        return known
    }

    @Test(arguments: [
        "", "1", "1:2", "a:b:", "1:2:3", "5:4:", "0:1:", "1:2:x", "10:20:15,12", "-1:2:",
        "10:20:~10:20:~12~", "10:20:~10:20:~x~00000000-0000-7000-8000-000000000001",
        "10:20:~10:20:", "1:99999999999999999999:", "10:20:\u{661}\u{662}",
        "1:2:'; DROP TABLE orders",
        "800000000000:800000000001:",
    ])
    func `what is no cursor, or one of another database, is told apart`(
        text: String
    ) async throws {
        let world = try await World()
        await #expect(throws: UnknownOrderCursor.self) {
            try await world.feed.changes(after: OrderCursor(text), limit: 10)
        }
    }

    @Test func `nothing that settling writes is in an index of orders`() async throws {
        let world = try await World()
        let indexed = try await world.pool.execute(
            Statement(
                """
                SELECT count(*) FROM pg_index, unnest(indkey) AS key
                JOIN pg_attribute ON attnum = key
                WHERE indrelid = 'orders'::regclass AND attrelid = indrelid
                    AND attname IN ('status', 'failure_reason', 'updated_at')
                """), retry: .idempotent)
        #expect(try indexed.first?.bigint(0) == 0)
    }
}
