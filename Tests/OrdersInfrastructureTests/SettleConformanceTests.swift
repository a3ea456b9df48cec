import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// What a repository of orders must be, whatever it is made of: an order ends once.
@Suite(.timeLimit(.minutes(2)))
struct SettleConformanceTests {
    private func settle(
        _ orders: any OrderRepository, _ outcomes: [PaymentOutcome]
    ) async throws -> [Order.Settlement?] {
        try await orders.settle(outcomes) { outcome, order in order?.settle(by: outcome) }
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `a batch of outcomes settles each order once, in order, with its history`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for number in 1...3 {
            _ = try await world.orders.add(
                try orderRequest(), as: try orderID(number), correlation: .none)
        }
        let settlements = try await settle(
            world.orders,
            [
                try outcome(3, .failed(.insufficientFunds)), try outcome(9, .paid),
                try outcome(1, .paid), try outcome(3, .failed(.insufficientFunds)),
                try outcome(1, .failed(.accountNotFound)),
            ])
        #expect(
            settlements == [
                .settled, nil, .settled, .repeated, .contradicts("order is PAID already"),
            ])
        let orders = try await world.orders.list(OrderQuery())
        #expect(orders.map(\.status) == [.failed, .pending, .paid])
        #expect(orders.map(\.failureReason) == [.insufficientFunds, nil, nil])
        let histories = try await (1...3).asyncMap {
            try await world.orders.history(of: try orderID($0))
        }
        #expect(
            histories.map { $0.map(\.status) } == [
                [.pending, .paid], [.pending], [.pending, .failed],
            ])
        #expect(histories[2].map(\.reason) == [nil, .insufficientFunds])
        #expect(histories[2].last?.at == orders[0].updatedAt)
        #expect(histories[2].first?.at == orders[0].createdAt)
        #expect(try await world.orders.history(of: try orderID(9)).isEmpty)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an end is final, even for a decision that would change it`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        _ = try await world.orders.add(try orderRequest(), as: try orderID(1), correlation: .none)
        _ = try await settle(world.orders, [try outcome(1, .failed(.insufficientFunds))])
        let before = try await world.orders.find(try orderID(1))
        _ = try await world.orders.settle([try outcome(1, .paid)]) { _, order in
            order = order.map {
                Order(
                    id: $0.id, request: $0.request, status: .paid, createdAt: $0.createdAt,
                    updatedAt: $0.updatedAt)
            }
        }
        #expect(try await world.orders.find(try orderID(1)) == before)
        #expect(try await world.orders.history(of: try orderID(1)).count == 2)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `a repeat and a contradiction write nothing`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        _ = try await world.orders.add(try orderRequest(), as: try orderID(1), correlation: .none)
        _ = try await settle(world.orders, [try outcome(1, .paid)])
        let before = try await world.orders.find(try orderID(1))
        #expect(
            try await settle(
                world.orders, [try outcome(1, .paid), try outcome(1, .paid, "9.99")])
                == [.repeated, .contradicts("user or amount differ from the order's")])
        #expect(try await world.orders.find(try orderID(1)) == before)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `of many consumers with opposite outcomes one ends each order`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for number in 0..<40 {
            _ = try await world.orders.add(
                try orderRequest(), as: try orderID(number), correlation: .none)
        }
        let settled = try await withThrowingTaskGroup(of: Int.self) { group in
            for consumer in 0..<6 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(consumer))
                    let outcomes = try (0..<40).shuffled(using: &generator).map {
                        try outcome($0, consumer % 2 == 0 ? .paid : .failed(.insufficientFunds))
                    }
                    return try await settle(world.orders, outcomes).count { $0 == .settled }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(settled == 40)
        for number in 0..<40 {
            #expect(try await world.orders.history(of: try orderID(number)).count == 2)
        }
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `no outcomes are no work`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        #expect(try await settle(world.orders, []) == [])
    }
}
