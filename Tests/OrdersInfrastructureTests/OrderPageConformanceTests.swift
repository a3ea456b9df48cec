import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// Pages by every filter, and counts.
@Suite(.timeLimit(.minutes(2)))
struct OrderPageConformanceTests {
    private static let start: Int64 = 1_795_350_896_000_000

    /// Forty orders of two users, some a millisecond apart and some within one, settled by turns.
    private static func fill(_ world: OrderWorld) async throws {
        var ids: [OrderID] = []
        var source = UUIDv7Source()
        for number in 0..<40 {
            if number % 3 == 0 {
                source = UUIDv7Source(now: {
                    Timestamp(microseconds: start + Int64(number / 3) * 1_000)
                })
            }
            ids.append(source.nextOrderID())
            _ = try await world.orders.add(
                try orderRequest(by: number % 2 == 0 ? "ada" : "bob", "\(number + 1).10"),
                as: ids[number], correlation: .none)
        }
        let outcomes = try ids.enumerated().compactMap { number, id -> PaymentOutcome? in
            guard number % 4 != 0 else { return nil }
            return PaymentOutcome(
                orderID: id, userID: try UserID(number % 2 == 0 ? "ada" : "bob"),
                amount: try Amount(decimal: "\(number + 1).10"),
                verdict: number % 4 == 1 ? .failed(.insufficientFunds) : .paid)
        }
        _ = try await SettleOrders(orders: world.orders)(outcomes)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `every filter with every other gives what it names, page by page, none twice`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await Self.fill(world)
        let all = try await world.orders.list(OrderQuery(limit: 1_000))
        #expect(all.count == 40)
        let offsets: [Int64?] = [nil, 0, 1, 999, 1_000, 4_000, 13_000, 20_000]
        let moments = offsets.map { offset in
            offset.map { Timestamp(microseconds: Self.start + $0) }
        }
        for user in [nil, try UserID("ada"), try UserID("eve")] {
            for status in [nil, .pending, .paid, .failed] as [OrderStatus?] {
                for (from, until) in zip(moments, moments.reversed()) {
                    let query = OrderQuery(
                        userID: user, status: status, createdFrom: from, createdUntil: until,
                        limit: 7)
                    let wanted = all.filter { order in
                        user.map { $0 == order.request.userID } ?? true
                            && status.map { $0 == order.status } ?? true
                            && from.map { order.createdAt >= $0 } ?? true
                            && until.map { order.createdAt < $0 } ?? true
                    }
                    #expect(try await pages(query, of: world) == wanted.map(\.id), "\(query)")
                }
            }
        }
    }

    private func pages(_ first: OrderQuery, of world: OrderWorld) async throws -> [OrderID] {
        var found: [OrderID] = []
        var query: OrderQuery? = first
        while let asked = query {
            let page = try await ListOrders(orders: world.orders)(asked)
            #expect(page.orders.count <= asked.limit)
            found += page.orders.map(\.id)
            query = page.next
        }
        return found
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `the counts are those of the orders, at every step`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        let nothing = OrderSummary.Tally(count: 0, amount: .zero)
        #expect(
            try await world.orders.summary()
                == OrderSummary(pending: nothing, paid: nothing, failed: nothing))
        for number in 1...6 {
            for _ in 0..<2 {
                _ = try await world.orders.add(
                    try orderRequest(by: "ada", "\(number)"), as: try orderID(number),
                    correlation: .none)
            }
        }
        #expect(try await world.orders.summary().pending == tally(6, cents: 2_100))
        for _ in 0..<2 {
            _ = try await SettleOrders(orders: world.orders)([
                try outcome(1, .paid, "1"), try outcome(2, .failed(nil), "2"),
                try outcome(3, .paid, "3"), try outcome(3, .failed(nil), "3"),
                try outcome(4, .paid, "5"), try outcome(99, .paid, "1"),
            ])
        }
        let summary = try await world.orders.summary()
        #expect(summary.pending == tally(3, cents: 1_500))
        #expect(summary.paid == tally(2, cents: 400))
        #expect(summary.failed == tally(1, cents: 200))
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order that was not stored is not counted`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        try await world.setOutboxBroken(true)
        await #expect(throws: (any Error).self) {
            try await world.orders.add(
                try orderRequest(), as: try orderID(1), correlation: .none)
        }
        #expect(try await world.orders.summary().pending == tally(0, cents: 0))
    }

    private func tally(_ count: Int, cents: Int128) -> OrderSummary.Tally {
        OrderSummary.Tally(count: count, amount: MoneyTotal(minorUnits: cents))
    }
}
