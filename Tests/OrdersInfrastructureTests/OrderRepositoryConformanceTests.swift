import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// What a repository of orders must be, whatever it is made of.
@Suite(.timeLimit(.minutes(2)))
struct OrderRepositoryConformanceTests {
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
        #expect(added.createdAt == id.moment, "lists by time go by the id")
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
        _ = try await SettleOrders(orders: world.orders)(
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
