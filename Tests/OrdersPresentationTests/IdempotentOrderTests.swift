import JSON
import Messaging
import OrdersApplication
import OrdersPresentation
import ServiceHost
import SharedKernel
import TestDoor
import TestDoubles
import Testing

/// The HTTP door of Orders under `Idempotency-Key`.
struct IdempotentOrderTests {
    private let outbox = InMemoryOutbox()
    private let orders: InMemoryOrderRepository
    private let door: Door

    init() {
        let orders = InMemoryOrderRepository(outbox: outbox)
        self.orders = orders
        door = Door { router in
            OrderRoutes(
                placeOrder: PlaceOrder(orders: orders), findOrder: FindOrder(orders: orders),
                listOrders: ListOrders(orders: orders)
            ).add(to: router)
        }
    }

    private static let tea = #"{"user_id":"ada","amount":42.50,"description":"tea"}"#

    private func post(_ body: String = tea, key: String?) async throws -> Door.Answer {
        try await door.post(
            "/orders", body, headers: key.map { ["Idempotency-Key": $0] } ?? [:])
    }

    @Test func `a repeat gets the first answer, byte by byte, and says so`() async throws {
        let first = try await post(key: "k-1")
        #expect(first.status == 201)
        #expect(first.header("Idempotent-Replayed") == nil)
        let id = try #require(first.member("order_id").flatMap { OrderID($0) })
        _ = try await SettleOrders(orders: orders)([
            PaymentOutcome(
                orderID: id, userID: try UserID("ada"), amount: try Amount(decimal: "42.50"),
                verdict: .paid)
        ])
        for body in [Self.tea, #"{"description" : "tea", "amount":"42.5", "user_id":"ada"}"#] {
            let again = try await post(body, key: "k-1")
            #expect(again.status == 201)
            #expect(again.text == first.text, "as it was then: pending")
            #expect(again.header("Location") == first.header("Location"))
            #expect(again.header("Idempotent-Replayed") == "true")
        }
        #expect(outbox.messages.count == 1)
    }

    @Test(arguments: [
        #"{"user_id":"ada","amount":42.51,"description":"tea"}"#,
        #"{"user_id":"bob","amount":42.50,"description":"tea"}"#,
        #"{"user_id":"ada","amount":42.50,"description":"Tea"}"#,
        #"{"user_id":"ada","amount":42.50}"#,
    ])
    func `another order under a used key is refused`(body: String) async throws {
        _ = try await post(key: "k-1")
        let answer = try await post(body, key: "k-1")
        #expect(answer.status == 422)
        #expect(answer.wrongs == ["idempotency_key_reused"])
        #expect(
            answer.json["detail"]?.array?.first?["loc"] == ["header", "Idempotency-Key"])
        #expect(outbox.messages.count == 1)
        #expect(try await post(body, key: "k-2").status == 201, "under a key of its own it is fine")
    }

    @Test(arguments: [
        "", " ", "two words", "k\u{E9}y", "tab\tbed", String(repeating: "k", count: 256),
    ])
    func `what is no key is refused, and nothing is placed`(key: String) async throws {
        let answer = try await post(key: key)
        #expect(answer.status == 422)
        #expect(answer.wrongs == ["string_pattern_mismatch"])
        #expect(outbox.messages.isEmpty)
    }

    @Test(arguments: ["k", "!~", String(repeating: "k", count: 255)])
    func `a key is 1 to 255 visible characters`(key: String) async throws {
        #expect(try await post(key: key).status == 201)
        #expect(try await post(key: key).header("Idempotent-Replayed") == "true")
    }

    @Test func `a refused request leaves its key free`() async throws {
        #expect(try await post(#"{"user_id":"ada","amount":0}"#, key: "k-1").status == 422)
        #expect(try await post("{", key: "k-1").status == 422)
        orders.faults.fail()
        #expect(try await post(key: "k-1").status == 503)
        let placed = try await post(key: "k-1")
        #expect(placed.status == 201)
        #expect(placed.header("Idempotent-Replayed") == nil)
    }

    @Test func `while the first is under way, 409 says when to come again`() async throws {
        orders.faults.fail(1, IdempotencyKeyIsBusy())
        let answer = try await post(key: "k-1")
        #expect(answer.status == 409)
        #expect(answer.header("Retry-After") == "1")
        #expect(answer.detail == "A request with this Idempotency-Key is still under way")
    }

    @Test func `without a key the same order twice is two orders`() async throws {
        let answers = [try await post(key: nil), try await post(key: nil)]
        #expect(Set(answers.map { $0.member("order_id") }).count == 2)
        #expect(answers.allSatisfy { $0.header("Idempotent-Replayed") == nil })
    }
}
