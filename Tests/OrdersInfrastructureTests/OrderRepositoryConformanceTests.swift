import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// What a repository of orders must be, whatever it is made of.
@Suite(.timeLimit(.minutes(2)))
struct OrderRepositoryConformanceTests {
    private func settle(
        _ orders: any OrderRepository, _ outcomes: [PaymentOutcome]
    ) async throws -> [Order.Settlement?] {
        try await orders.settle(outcomes) { outcome, order in order?.settle(by: outcome) }
    }

    // MARK: Adding

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order is stored as it was given, pending, and announced`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let request = try orderRequest(by: "ada", "42.50", "two kinds of tea")
        let correlation = Correlation(requestID: "r-1", traceparent: "00-ab-cd-01")
        let id = try orderID(1)
        let added = try await world.orders.add(request, as: id, correlation: correlation)
        #expect(added.id == id)
        #expect(added.request == request)
        #expect(added.status == .pending)
        #expect(added.updatedAt == added.createdAt)
        #expect(abs(Timestamp.now.microseconds - added.createdAt.microseconds) < 60_000_000)
        #expect(try await world.orders.find(id) == added)
        let message = try #require(try await world.announcements().first)
        #expect(message.id == MessageID(announcing: id))
        #expect(message.type == OrderCreated.type)
        #expect(message.headers == correlation.headers)
        #expect(try OrderCreated(payload: message.payload) == Order.created(id, request))
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `the same id again gives the stored order, and announces nothing twice`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let id = try orderID(1)
        let request = try orderRequest()
        let first = try await world.orders.add(request, as: id, correlation: .none)
        for _ in 0..<3 {
            #expect(try await world.orders.add(request, as: id, correlation: .none) == first)
        }
        #expect(try await world.orders.list(OrderQuery()).count == 1)
        #expect(try await world.announcements().count == 1)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an announcement that went out is not made again`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        let id = try orderID(1)
        _ = try await world.orders.add(try orderRequest(), as: id, correlation: .none)
        _ = try await world.outbox.relay(upTo: 10) { $0.map { _ in .delete } }
        _ = try await world.orders.add(try orderRequest(), as: id, correlation: .none)
        #expect(try await world.announcements().isEmpty)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `without its announcement there is no order`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        try await world.setOutboxBroken(true)
        await #expect(throws: (any Error).self) {
            try await world.orders.add(
                try orderRequest(), as: try orderID(1), correlation: .none)
        }
        #expect(try await world.orders.find(try orderID(1)) == nil)
        #expect(try await world.orders.list(OrderQuery()).isEmpty)
        try await world.setOutboxBroken(false)
        _ = try await world.orders.add(try orderRequest(), as: try orderID(1), correlation: .none)
        #expect(try await world.announcements().count == 1)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `three hundred orders at once are all stored and announced, each once`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let request = try orderRequest(by: "user \(number % 7)", "\(number + 1)")
                    let added = try await world.orders.add(
                        request, as: try orderID(number),
                        correlation: Correlation(requestID: "\(number)"))
                    // In a shared statement each caller must get its own order back.
                    #expect(added.id == (try orderID(number)) && added.request == request)
                }
            }
            try await group.waitForAll()
        }
        let stored = try await world.orders.list(OrderQuery(limit: 1_000))
        #expect(stored.map(\.id) == (try (0..<300).reversed().map { try orderID($0) }))
        let messages = try await world.announcements()
        #expect(messages.count == 300)
        for (message, order) in zip(messages, stored.reversed()) {
            #expect(
                try OrderCreated(payload: message.payload) == Order.created(order.id, order.request)
            )
        }
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `any text is kept byte by byte and starts nothing`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        for (number, text) in nastyTexts.enumerated() {
            let request = try orderRequest(by: text, "0.01", text)
            _ = try await world.orders.add(request, as: try orderID(number), correlation: .none)
            let found = try await world.orders.find(try orderID(number))
            #expect(found?.request == request)
            let listed = try await world.orders.list(OrderQuery(userID: request.userID))
            #expect(listed.map(\.id) == [try orderID(number)], "only this user's: \(text)")
        }
        #expect(try await world.announcements().count == nastyTexts.count)
    }

    @Test(arguments: OrderWorld.Kind.allCases, ["0.01", "9999999999.99", "42.50"])
    func `amounts are exact`(kind: OrderWorld.Kind, amount: String) async throws {
        let world = try await kind.make()
        let request = try orderRequest(by: "ada", amount)
        _ = try await world.orders.add(request, as: try orderID(1), correlation: .none)
        let stored = try await world.orders.find(try orderID(1))
        #expect(stored?.request.amount.description == amount)
    }

    // MARK: Settling

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

    // MARK: Listing

    @Test(arguments: OrderWorld.Kind.allCases)
    func `lists give the newest first, by user, status, place and limit`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for number in 1...9 {
            _ = try await world.orders.add(
                try orderRequest(by: number % 3 == 0 ? "ada" : "bob"), as: try orderID(number),
                correlation: .none)
        }
        _ = try await settle(
            world.orders,
            [
                try outcome(3, .paid, by: "ada"), try outcome(4, .paid, by: "bob"),
                try outcome(5, .failed(nil), by: "bob"),
            ])
        func list(_ query: OrderQuery) async throws -> [OrderID] {
            try await world.orders.list(query).map(\.id)
        }
        let (ada, bob) = (try UserID("ada"), try UserID("bob"))
        func ids(_ numbers: Int...) throws -> [OrderID] { try numbers.map { try orderID($0) } }
        #expect(try await list(OrderQuery()) == (try ids(9, 8, 7, 6, 5, 4, 3, 2, 1)))
        #expect(try await list(OrderQuery(limit: 2)) == (try ids(9, 8)))
        #expect(try await list(OrderQuery(before: try orderID(3))) == (try ids(2, 1)))
        #expect(try await list(OrderQuery(userID: ada)) == (try ids(9, 6, 3)))
        #expect(
            try await list(OrderQuery(userID: ada, before: try orderID(9), limit: 1))
                == (try ids(6)))
        #expect(try await list(OrderQuery(status: .paid)) == (try ids(4, 3)))
        #expect(try await list(OrderQuery(userID: bob, status: .paid)) == (try ids(4)))
        #expect(try await list(OrderQuery(userID: bob, status: .failed)) == (try ids(5)))
        #expect(try await list(OrderQuery(userID: try UserID("eve"))) == [])
        #expect(try await list(OrderQuery(before: try orderID(0))) == [])
    }
}
