import JSON
import Messaging
import OrdersApplication
import OrdersPresentation
import SharedKernel
import TestDoor
import TestDoubles
import Testing

struct OrderRoutesTests {
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

    /// Places an order and gives its id.
    private func place(by user: String = "ada", _ amount: String = "42.50") async throws -> String {
        let answer = try await door.post(
            "/orders", #"{"user_id":"\#(user)","amount":\#(amount),"description":"tea"}"#)
        return try #require(answer.member("order_id"))
    }

    private func settle(_ id: String, _ verdict: PaymentOutcome.Verdict) async throws {
        _ = try await SettleOrders(orders: orders)([
            PaymentOutcome(
                orderID: try #require(OrderID(id)), userID: try UserID("ada"),
                amount: try Amount(decimal: "42.50"), verdict: verdict)
        ])
    }

    // MARK: Placing

    @Test(arguments: ["/orders", "/orders/"])
    func `an order is accepted: 201, pending, and where it is`(path: String) async throws {
        let answer = try await door.post(
            path, #"{"user_id":"ada","amount":42.50,"description":"tea","gift":true}"#,
            headers: ["X-Request-ID": "r-1"])
        #expect(answer.status == 201)
        let id = try #require(answer.member("order_id"))
        #expect(OrderID(id) != nil)
        #expect(answer.header("Location") == "/orders/\(id)")
        #expect(answer.header("Content-Type")?.hasPrefix("application/json") == true)
        #expect(answer.member("user_id") == "ada")
        #expect(answer.member("amount") == "42.50")
        #expect(answer.member("description") == "tea")
        #expect(answer.member("status") == "PENDING")
        #expect(answer.member("created_at") == answer.member("updated_at"))
        #expect(answer.json["failure_reason"] == nil)
        #expect(outbox.messages.map(\.headers["x-request-id"]) == ["r-1"])
        let location = try #require(answer.header("Location"))
        #expect(try await door.get(location).member("order_id") == id)
    }

    @Test(arguments: [
        ("0.01", "0.01"), ("9999999999.99", "9999999999.99"), ("1", "1.00"), ("1.5", "1.50"),
        ("4.25e1", "42.50"), (#""42.50""#, "42.50"), ("1.00", "1.00"), ("1.000", "1.00"),
    ])
    func `a good amount comes back exact`(given: String, printed: String) async throws {
        let answer = try await door.post("/orders", #"{"user_id":"ada","amount":\#(given)}"#)
        #expect(answer.status == 201)
        #expect(answer.json["amount"] == .number(printed))
        #expect(answer.member("description") == "")
    }

    @Test(arguments: [
        ("0", "greater_than"), ("-1", "greater_than"), ("-0.001", "greater_than"),
        ("1.001", "decimal_max_places"), ("1e400", "less_than_equal"),
        ("10000000000.00", "less_than_equal"), (#""abc""#, "decimal_parsing"),
        (#""""#, "decimal_parsing"), (#""NaN""#, "decimal_parsing"), ("true", "decimal_type"),
        ("null", "decimal_type"), ("[]", "decimal_type"), ("{}", "decimal_type"),
        ("NaN", "json_invalid"), ("01", "json_invalid"), ("1.", "json_invalid"),
    ])
    func `a bad amount is 422 in FastAPI's words, and no order`(
        given: String, type: String
    ) async throws {
        let answer = try await door.post("/orders", #"{"user_id":"ada","amount":\#(given)}"#)
        #expect(answer.status == 422)
        #expect(answer.wrongs == [type])
        #expect(outbox.messages.isEmpty)
        #expect(try await door.get("/orders").text == "[]")
    }

    @Test func `an amount of zero is told in full`() async throws {
        let answer = try await door.post("/orders", #"{"user_id":"ada","amount":0}"#)
        #expect(
            answer.json == [
                "detail": [
                    [
                        "type": "greater_than", "loc": ["body", "amount"],
                        "msg": "Input should be greater than 0", "input": .number("0"),
                        "ctx": ["gt": .number("0")],
                    ]
                ]
            ])
    }

    @Test(arguments: [
        (#"{}"#, ["missing", "missing"]),
        (#"{"amount":1}"#, ["missing"]),
        (#"{"user_id":"","amount":1}"#, ["string_too_short"]),
        (#"{"user_id":7,"amount":1}"#, ["string_type"]),
        (#"{"user_id":"a\u0000b","amount":1}"#, ["value_error"]),
        (#"{"user_id":"a\u202eb","amount":1}"#, ["value_error"]),
        (#"{"user_id":"ada","amount":1,"description":"\u001b[2J"}"#, ["value_error"]),
        (#"{"user_id":"ada","amount":1,"description":null}"#, ["string_type"]),
        (
            #"{"user_id":"","amount":0,"description":1}"#,
            ["string_too_short", "greater_than", "string_type"]
        ),
        (#"[]"#, ["model_attributes_type"]), (#""order""#, ["model_attributes_type"]),
        ("", ["missing"]), ("{", ["json_invalid"]), ("{\"user_id\":", ["json_invalid"]),
        (#"{"user_id":"ada","user_id":"eve","amount":1}"#, ["json_invalid"]),
    ])
    func `what is no order is 422 with every fault`(body: String, types: [String]) async throws {
        let answer = try await door.post("/orders", body)
        #expect(answer.status == 422)
        #expect(answer.wrongs == types)
        #expect(outbox.messages.isEmpty)
    }

    @Test func `names and descriptions have their limits`() async throws {
        func status(_ user: Int, _ description: Int) async throws -> Int {
            let (name, words) = (
                String(repeating: "a", count: user), String(repeating: "é", count: description)
            )
            return try await door.post(
                "/orders", #"{"user_id":"\#(name)","amount":1,"description":"\#(words)"}"#
            ).status
        }
        #expect(try await status(128, 1_000) == 201)
        #expect(try await status(129, 0) == 422)
        #expect(try await status(1, 1_001) == 422)
    }

    @Test func `a body that is not JSON by its own word is 415`() async throws {
        let answer = try await door.post(
            "/orders", #"{"user_id":"ada","amount":1}"#, headers: ["Content-Type": "text/plain"])
        #expect(answer.status == 415)
        #expect(answer.detail != nil)
    }

    @Test func `a body beyond the limit is 413`() async throws {
        let filler = String(repeating: " ", count: 70_000)
        let answer = try await door.post("/orders", #"{"user_id":"ada",\#(filler)"amount":1}"#)
        #expect(answer.status == 413)
        #expect(answer.detail != nil)
    }

    @Test func `a database that is away is 503 with Retry-After, a defect is 500 without words`()
        async throws
    {
        orders.faults.fail()
        let away = try await door.post("/orders", #"{"user_id":"ada","amount":1}"#)
        #expect(away.status == 503)
        #expect(away.header("Retry-After") == "1")
        orders.faults.fail(1, ScriptedFault(isTransient: false))
        let defect = try await door.get("/orders")
        #expect(defect.status == 500)
        #expect(defect.detail == "Internal Server Error")
    }

    // MARK: Finding

    @Test func `an order shows its history and why it failed`() async throws {
        let id = try await place()
        for path in ["/orders/\(id)", "/orders/\(id)/", "/orders/\(id.uppercased())"] {
            let answer = try await door.get(path)
            #expect(answer.status == 200)
            #expect(answer.json["history"]?.array?.map { $0["status"]?.string } == ["PENDING"])
        }
        try await settle(id, .failed(.insufficientFunds))
        let failed = try await door.get("/orders/\(id)")
        #expect(failed.member("status") == "FAILED")
        #expect(failed.member("failure_reason") == "insufficient_funds")
        let history = try #require(failed.json["history"]?.array)
        #expect(history.map { $0["status"]?.string } == ["PENDING", "FAILED"])
        #expect(history.map { $0["reason"]?.string } == [nil, "insufficient_funds"])
        #expect(history.last?["at"]?.string == failed.member("updated_at"))
    }

    @Test(arguments: [
        "01a20340-dd8c-7005-95dd-ef451576c684", "7", "abc", "%00", "%FF", "a%2Fb", "..%2f", "'--",
    ])
    func `an order that is none is 404 in the contract's words`(id: String) async throws {
        let answer = try await door.get("/orders/\(id)")
        #expect(answer.status == 404)
        #expect(answer.json == ["detail": "Order not found"])
    }

    // MARK: Listing

    @Test func `paging by Link to the end meets every order once, newest first`() async throws {
        var placed: [String] = []
        for _ in 0..<7 { placed.append(try await place(by: "ada & bob")) }
        _ = try await place(by: "eve")
        var met: [String] = []
        var target: String? = "/orders?limit=3&user_id=ada%20%26%20bob&status=PENDING"
        while let next = target {
            let answer = try await door.get(next)
            try #require(answer.status == 200)
            met += (answer.json.array ?? []).compactMap { $0["order_id"]?.string }
            target = answer.next
            try #require(met.count <= 7, "paging must end")
        }
        #expect(Set(met) == Set(placed))
        #expect(met == met.sorted(by: >))
        #expect(met.count == 7)
    }

    @Test func `lists filter and leave the history out`() async throws {
        let paid = try await place()
        _ = try await place()
        try await settle(paid, .paid)
        let answer = try await door.get("/orders/?status=PAID&unknown=1")
        #expect(answer.json.array?.map { $0["order_id"]?.string } == [paid])
        #expect(answer.json.array?.first?["history"] == nil)
        #expect(answer.header("Link") == nil)
        #expect(try await door.get("/orders?user_id=eve").text == "[]")
    }

    @Test func `a span of time holds its first moment and not its last`() async throws {
        let placed = try await place()
        let moment = try #require(try await door.get("/orders/\(placed)").member("created_at"))
        let later = try #require(
            Timestamp(rfc3339: moment).map {
                Timestamp(microseconds: $0.microseconds + 1).description
            })
        for (query, isIn) in [
            ("created_from=\(moment)", true), ("created_until=\(moment)", false),
            ("created_from=\(later)", false), ("created_until=\(later)", true),
            ("created_from=\(moment)&created_until=\(later)", true),
            ("created_from=\(later)&created_until=\(moment)", false),
        ] {
            let answer = try await door.get("/orders?\(query)")
            #expect(answer.json.array?.count == (isIn ? 1 : 0), "\(query)")
        }
    }

    @Test func `the link to the next page keeps the span of time`() async throws {
        for _ in 0..<3 { _ = try await place() }
        var met = 0
        var target: String? =
            "/orders?limit=1&created_from=2020-01-01T00:00:00Z"
            + "&created_until=2100-01-01T01:00:00%2B01:00"
        while let next = target {
            let answer = try await door.get(next)
            met += answer.json.array?.count ?? 0
            target = answer.next
            if let target {
                #expect(target.contains("created_from=2020-01-01T00%3A00%3A00.000000Z"))
                #expect(target.contains("created_until=2100-01-01T00%3A00%3A00.000000Z"))
            }
            try #require(met <= 3)
        }
        #expect(met == 3)
    }

    @Test func `the summary counts orders and sums amounts`() async throws {
        let empty = try await door.get("/orders/summary")
        #expect(
            empty.text
                == #"{"pending":0,"paid":0,"failed":0,"pending_amount":0.00,"#
                + #""paid_amount":0.00,"failed_amount":0.00}"#)
        let first = try await place()
        _ = try await place(by: "eve", "0.07")
        try await settle(first, .paid)
        let answer = try await door.get("/orders/summary/")
        #expect(answer.status == 200)
        #expect(answer.json["pending"] == .integer(1))
        #expect(answer.json["pending_amount"] == .number("0.07"))
        #expect(answer.json["paid"] == .integer(1))
        #expect(answer.json["paid_amount"] == .number("42.50"))
        #expect(answer.json["failed"] == .integer(0))
    }

    @Test(arguments: [
        ("limit=0", "greater_than_equal"), ("limit=1001", "less_than_equal"),
        ("limit=abc", "int_parsing"), ("limit=", "int_parsing"),
        ("limit=99999999999999999999", "int_parsing"), ("status=SETTLED", "enum"),
        ("status=paid", "enum"), ("before=abc", "uuid_parsing"), ("before=%00", "uuid_parsing"),
        ("user_id=", "string_too_short"), ("user_id=%00", "value_error"),
        ("user_id=%FF", "string_unicode"), ("created_from=yesterday", "datetime_parsing"),
        ("created_from=2026-11-22", "datetime_parsing"),
        ("created_until=2026-02-29T00:00:00Z", "datetime_parsing"),
        ("created_until=", "datetime_parsing"),
    ])
    func `a list that cannot be is 422`(query: String, type: String) async throws {
        let answer = try await door.get("/orders?\(query)")
        #expect(answer.status == 422)
        #expect(answer.wrongs == [type])
    }

    @Test(arguments: ["limit=1", "limit=1000"])
    func `the bounds of a limit are within it`(query: String) async throws {
        #expect(try await door.get("/orders?\(query)").status == 200)
    }

    @Test func `another method is 405 with those that are allowed`() async throws {
        let answer = try await door.post("/orders/7", "{}")
        #expect(answer.status == 405)
        #expect(answer.header("Allow")?.contains("GET") == true)
    }
}
