import JSON
import OrdersApplication
import OrdersDomain
import OrdersPresentation
import SharedKernel
import TestDoor
import TestDoubles
import Testing

struct OrderFeedRoutesTests {
    /// Says what it was asked, and gives two orders where the cursor is its own.
    private struct ScriptedFeed: OrderFeed {
        func end() async throws -> OrderCursor { OrderCursor("9:9:") }

        func changes(after cursor: OrderCursor, limit: Int) async throws -> OrderFeedPage {
            guard cursor.text == "9:9:" else { throw UnknownOrderCursor() }
            let orders = try (1...2).map { number in
                let moment = Timestamp(microseconds: 0)
                return Order(
                    id: try orderID(number),
                    request: OrderRequest(
                        userID: try UserID("ada"), amount: try Amount(decimal: "42.50"),
                        description: try OrderDescription("tea")),
                    createdAt: moment, updatedAt: moment)
            }
            return OrderFeedPage(
                orders: Array(orders.prefix(limit)), next: OrderCursor("9:12:10,11"),
                hasMore: limit < 2)
        }
    }

    private let door = Door { router in
        let orders = InMemoryOrderRepository()
        // The routes of one order are there too: `changes` must not be taken for an id.
        OrderRoutes(
            placeOrder: PlaceOrder(orders: orders), findOrder: FindOrder(orders: orders),
            listOrders: ListOrders(orders: orders)
        ).add(to: router)
        OrderFeedRoutes(followOrders: FollowOrders(feed: ScriptedFeed())).add(to: router)
    }

    @Test(arguments: ["/orders/changes", "/orders/changes/", "/orders/changes?limit=7"])
    func `without a cursor it tells where the feed stands`(path: String) async throws {
        let answer = try await door.get(path)
        #expect(answer.status == 200)
        #expect(answer.text == #"{"orders":[],"next":"9:9:","more":false}"#)
    }

    @Test func `a page has the orders as the contract writes them, and where to go on`()
        async throws
    {
        let answer = try await door.get("/orders/changes?after=9%3A9:&limit=1")
        #expect(answer.status == 200)
        #expect(answer.json["orders"]?.array?.count == 1)
        #expect(answer.json["orders"]?.array?.first?["amount"] == .number("42.50"))
        #expect(answer.member("next") == "9:12:10,11")
        #expect(answer.json["more"] == .boolean(true))
        let whole = try await door.get("/orders/changes?after=9:9:")
        #expect(whole.json["more"] == .boolean(false))
    }

    @Test func `a cursor of another feed is refused at its field`() async throws {
        let answer = try await door.get("/orders/changes?after=1:2:")
        #expect(answer.status == 422)
        #expect(answer.wrongs == ["value_error"])
        #expect(
            answer.json["detail"]?.array?.first?["loc"] == ["query", "after"])
    }

    @Test(arguments: ["0", "1001", "x"]) func `a limit out of bounds is refused`(
        limit: String
    ) async throws {
        #expect(try await door.get("/orders/changes?limit=\(limit)").status == 422)
    }
}
