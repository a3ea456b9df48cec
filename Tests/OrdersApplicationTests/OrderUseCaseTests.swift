import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

struct OrderUseCaseTests {
    private let outbox = InMemoryOutbox()
    private let orders: InMemoryOrderRepository

    private let placeOrder: PlaceOrder

    init() {
        orders = InMemoryOrderRepository(outbox: outbox)
        // One source of ids: those of two sources may interleave within a millisecond.
        placeOrder = PlaceOrder(orders: orders)
    }

    private func request(by user: String = "ada", _ amount: String = "1") throws -> OrderRequest {
        OrderRequest(
            userID: try UserID(user), amount: try Amount(decimal: amount),
            description: try OrderDescription("tea"))
    }

    private func place(_ count: Int, by user: String = "ada") async throws -> [Order] {
        var placed: [Order] = []
        for _ in 0..<count {
            let answer = try await placeOrder(try request(by: user), correlation: .none)
            placed.append(try #require(answer.answer))
        }
        return placed
    }

    @Test func `an order that is placed is pending, stored and announced once`() async throws {
        let correlation = Correlation(requestID: "r-1")
        let placed = try await placeOrder(try request(), correlation: correlation)
        let order = try #require(placed.answer)
        #expect(placed == .first(order))
        #expect(order.status == .pending)
        #expect(try await FindOrder(orders: orders)(order.id) == order)
        let message = try #require(outbox.messages.first)
        #expect(outbox.messages.count == 1)
        #expect(message.id == MessageID(announcing: order.id))
        #expect(message.type == "order_created")
        #expect(message.headers == ["x-request-id": "r-1"])
        #expect(
            try OrderCreated(payload: message.payload) == Order.created(order.id, order.request))
    }

    @Test func `under one key there is one order, and each customer's keys are its own`()
        async throws
    {
        func place(_ user: String, _ caller: String) async throws -> Idempotent<Order> {
            let key = try IdempotencyKey("k-1", of: caller)
            return try await placeOrder(try request(by: user), under: key, correlation: .none)
        }
        let order = try #require(try await place("ada", "till").answer)
        #expect(try await place("ada", "till") == .replayed(order))
        #expect(try await place("bob", "till") == .keyReused)
        #expect(try await place("ada", "web").answer?.id != order.id)
        #expect(outbox.messages.count == 2)
    }

    @Test func `when the announcement fails there is no order`() async throws {
        outbox.appendFaults.fail()
        await #expect(throws: ScriptedFault.self) { try await place(1) }
        #expect(try await ListOrders(orders: orders)(OrderQuery()).orders.isEmpty)
        #expect(outbox.messages.isEmpty)
    }

    @Test func `later orders have later ids`() async throws {
        let ids = try await place(100).map(\.id)
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 100)
    }

    @Test func `an unknown order is nil, with or without history`() async throws {
        let find = FindOrder(orders: orders)
        #expect(try await find(try orderID(1)) == nil)
        #expect(try await find.withHistory(try orderID(1)) == nil)
    }

    @Test func `the history of an order is its birth and its end`() async throws {
        let order = try #require(try await place(1).first)
        let find = FindOrder(orders: orders)
        #expect(try await find.withHistory(order.id)?.1.map(\.status) == [.pending])
        _ = try await SettleOrders(orders: orders)([
            try outcome(of: order, .failed(.insufficientFunds))
        ])
        let (settled, history) = try #require(try await find.withHistory(order.id))
        #expect(settled.status == .failed)
        #expect(history.map(\.status) == [.pending, .failed])
        #expect(history.map(\.reason) == [nil, .insufficientFunds])
    }

    private func outcome(
        of order: Order, _ verdict: PaymentOutcome.Verdict
    ) throws -> PaymentOutcome {
        PaymentOutcome(
            orderID: order.id, userID: order.request.userID, amount: order.request.amount,
            verdict: verdict)
    }

    @Test func `outcomes settle in the order they came: the first of an order counts`()
        async throws
    {
        let placed = try await place(2)
        let unknown = PaymentOutcome(
            orderID: try orderID(9), userID: try UserID("ada"), amount: .least, verdict: .paid)
        let settlements = try await SettleOrders(orders: orders)([
            try outcome(of: placed[0], .paid), unknown,
            try outcome(of: placed[1], .failed(.accountNotFound)),
            try outcome(of: placed[0], .failed(.insufficientFunds)),
            try outcome(of: placed[1], .failed(.accountNotFound)),
        ])
        #expect(
            settlements == [
                .settled, nil, .settled, .contradicts("order is PAID already"), .repeated,
            ])
        let find = FindOrder(orders: orders)
        #expect(try await find(placed[0].id)?.status == .paid)
        #expect(try await find(placed[1].id)?.failureReason == .accountNotFound)
    }

    @Test(arguments: [(0, 3), (1, 3), (3, 3), (9, 3), (10, 3), (5, 1), (7, 1_000)])
    func `paging to the end meets every order once, newest first`(
        count: Int, limit: Int
    ) async throws {
        let placed = try await place(count)
        let listOrders = ListOrders(orders: orders)
        var met: [OrderID] = []
        var query: OrderQuery? = OrderQuery(limit: limit)
        var pages = 0
        while let next = query {
            let page = try await listOrders(next)
            #expect(page.orders.count <= limit)
            #expect(page.next == nil || page.next?.limit == limit)
            met += page.orders.map(\.id)
            query = page.next
            pages += 1
            try #require(pages <= count + 1, "paging must end")
        }
        #expect(met == placed.map(\.id).reversed())
        #expect(pages == max(1, (count + limit - 1) / limit), "no empty page at the end")
    }

    @Test func `orders that arrive while somebody pages do not disturb the pages`() async throws {
        let placed = try await place(6)
        let listOrders = ListOrders(orders: orders)
        let first = try await listOrders(OrderQuery(limit: 3))
        _ = try await place(4)
        let second = try await listOrders(try #require(first.next))
        #expect((first.orders + second.orders).map(\.id) == placed.map(\.id).reversed())
    }

    @Test func `the next page keeps the filters`() async throws {
        _ = try await place(3, by: "ada")
        _ = try await place(3, by: "bob")
        let query = OrderQuery(userID: try UserID("bob"), status: .pending, limit: 2)
        let page = try await ListOrders(orders: orders)(query)
        #expect(page.next?.userID == query.userID)
        #expect(page.next?.status == .pending)
        let last = try await ListOrders(orders: orders)(try #require(page.next))
        #expect((page.orders + last.orders).allSatisfy { $0.request.userID == query.userID })
        #expect(page.orders.count + last.orders.count == 3)
        #expect(last.next == nil)
    }
}
