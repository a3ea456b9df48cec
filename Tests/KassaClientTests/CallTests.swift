import KassaClient
import SharedKernel
import TestGateway
import Testing

private let order = #"""
    {"order_id":"01a2033e-9796-7000-bcd0-34327d45d9d9","user_id":"ada","amount":42.50,
    "description":"tea","status":"FAILED","created_at":"2026-11-22T12:32:43.436156Z",
    "updated_at":"2026-11-22T12:32:43.441873Z","failure_reason":"insufficient_funds","new":1,
    "history":[{"status":"PENDING","at":"2026-11-22T12:32:43.436156Z"},
    {"status":"FAILED","at":"2026-11-22T12:32:43.441873Z","reason":"insufficient_funds"}]}
    """#
private let account = #"{"user_id":"ada","balance":58.00}"#

/// What goes over the wire, and what is read from it.
@Suite(.timeLimit(.minutes(1))) struct CallTests {
    /// Makes a call against a gateway that always answers the same.
    private func exchange<Value: Sendable>(
        _ answer: String, headers: [String] = [], token: String? = nil,
        _ call: @escaping @Sendable (GatewayClient) async throws(CallFailure) -> Told<Value>
    ) async throws -> (Told<Value>, ScriptedGateway.Request) {
        try await ScriptedGateway.answering(.answer(answer, headers: headers)) { gateway in
            let client = GatewayClient(.init(url: gateway.url + "/", token: token))
            let told = try await client.closed(after: call)
            return (told, try #require(gateway.requests.first))
        }
    }

    @Test func `an order is placed with its key, its amount digit by digit`() async throws {
        let (told, request) = try await exchange(order, token: "secret") {
            client throws(CallFailure) in
            try await client.placeOrder(
                user: "ädä\"", amount: Money(minorUnits: 999_999_999_999), description: "te\\a",
                key: "k-1")
        }
        #expect(request.line == "POST /orders")
        #expect(
            request.body
                == #"{"user_id":"ädä\"","amount":9999999999.99,"description":"te\\a"}"#)
        #expect(request.headers["idempotency-key"] == "k-1")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"] == "Bearer secret")
        #expect(told.value.id.description == "01a2033e-9796-7000-bcd0-34327d45d9d9")
        #expect(told.value.amount == Money(minorUnits: 4_250))
        #expect(told.value.status == .failed)
        #expect(told.value.failureReason == "insufficient_funds")
        #expect(told.value.updatedAt.microseconds - told.value.createdAt.microseconds == 5_717)
        #expect(told.value.createdAt.description == "2026-11-22T12:32:43.436156Z")
        #expect(told.value.history?.map(\.status) == [.pending, .failed])
        #expect(told.size == order.utf8.count)
    }

    @Test(arguments: [
        ("ada", "ada"), ("a/b", "a%2Fb"), ("..", "%2E%2E"), ("ü", "%C3%BC"), ("a%20", "a%2520"),
        ("a b?#", "a%20b%3F%23"),
    ])
    func `any name stays one segment of the path`(name: String, segment: String) async throws {
        let (_, shown) = try await exchange(account) { client throws(CallFailure) in
            try await client.account(name)
        }
        #expect(shown.line == "GET /accounts/\(segment)/balance")
        #expect(shown.headers["authorization"] == nil)
        let (told, paid) = try await exchange(account) { client throws(CallFailure) in
            try await client.deposit(Money(minorUnits: 1), to: name, key: "k")
        }
        #expect(paid.line == "POST /accounts/\(segment)/deposit")
        #expect(paid.body == #"{"amount":0.01}"#)
        #expect(told.value.balance == Money(minorUnits: 5_800))
    }

    @Test func `an account is opened by its name in the body`() async throws {
        let (_, request) = try await exchange(account) { client throws(CallFailure) in
            try await client.createAccount("a&b=c", key: "k-2")
        }
        #expect(request.line == "POST /accounts")
        #expect(request.body == #"{"user_id":"a&b=c"}"#)
        #expect(request.headers["idempotency-key"] == "k-2")
    }

    @Test func `lists ask for what is wanted and lead on by their link`() async throws {
        let link = #"Link: </orders?limit=2&before=a%2Fb+c>; rel="next""#
        let (told, request) = try await exchange("[\(order),\(order)]", headers: [link]) {
            client throws(CallFailure) in
            try await client.orders(
                .init(user: "a&b", status: .paid, before: "x y", limit: 2))
        }
        #expect(request.line == "GET /orders?user_id=a%26b&status=PAID&before=x%20y&limit=2")
        #expect(told.value.elements.count == 2)
        #expect(told.value.next == "a/b c")
        let (last, _) = try await exchange("[\(account)]") { client throws(CallFailure) in
            try await client.accounts()
        }
        #expect(last.value.next == nil)
        #expect(last.value.elements.map(\.user) == ["ada"])
    }

    @Test func `changes come with the cursor to go on from`() async throws {
        let (told, request) = try await exchange(
            #"{"orders":[\#(order)],"next":"7:9:8","more":true}"#
        ) { client throws(CallFailure) in try await client.orderChanges(after: "1:2:") }
        #expect(request.line == "GET /orders/changes?after=1%3A2%3A&limit=1000")
        #expect(told.value.orders.count == 1)
        #expect(told.value.next == "7:9:8" && told.value.hasMore)
    }

    @Test func `movements and readiness are read`() async throws {
        let (transfers, _) = try await exchange(
            #"""
            [{"transfer_id":"t","amount":1,"debit_account":"assets:cash",
            "credit_account":"liabilities:customer:ada","created_at":"2026-11-22T12:32:43Z",
            "kind":"charge","order_id":"01a2033e-9796-7000-bcd0-34327d45d9d9"}]
            """#
        ) { client throws(CallFailure) in try await client.transfers(of: "ada") }
        #expect(transfers.value.elements.first?.kind == "charge")
        #expect(transfers.value.elements.first?.orderID != nil)
        let body =
            #"{"status":"not_ready","dependencies":{"orders":{"state":"down","detail":"x\u001b"}}}"#
        try await ScriptedGateway.answering(.answer(status: 503, body)) { gateway in
            let client = GatewayClient(.init(url: gateway.url))
            let told = try await client.closed { client throws(CallFailure) in
                try await client.readiness()
            }
            #expect(!told.value.isReady)
            let dependency = try #require(told.value.dependencies.first)
            #expect(dependency.name == "orders" && dependency.state == "down")
            #expect(dependency.detail == "x\u{FFFD}")
        }
    }

    @Test func `words of a later contract break nothing, and nothing steers a terminal`()
        async throws
    {
        let strange = order.replacing("FAILED", with: "REFUNDED")
            .replacing(
                "tea", with: #"\u001b[2J\u202e\u0085"# + String(repeating: "é", count: 9_999))
        let (told, _) = try await exchange(strange) { client throws(CallFailure) in
            try await client.order("x")
        }
        #expect(told.value.status == .unknown)
        #expect(told.value.description.hasPrefix("\u{FFFD}[2J\u{FFFD}\u{FFFD}é"))
        #expect(told.value.description.unicodeScalars.count == 1_000)
    }
}

extension GatewayClient {
    /// Makes a call and closes the client, whatever came of it.
    func closed<Value: Sendable>(
        after call: (GatewayClient) async throws(CallFailure) -> Value
    ) async throws(CallFailure) -> Value {
        do throws(CallFailure) {
            let value = try await call(self)
            await shutdown()
            return value
        } catch {
            await shutdown()
            throw error
        }
    }
}
