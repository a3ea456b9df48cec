import KassaClient
import KassaModel
import TestGateway
import Testing

@testable import KassaApp

/// Every question of the model has exactly one answer in the model's words.
@Suite(.timeLimit(.minutes(1))) struct AskerTests {
    private static let order = #"""
        {"order_id":"01a2033e-9796-7000-bcd0-34327d45d9d9","user_id":"ada","amount":42.50,
        "description":"tea","status":"PAID","created_at":"1970-01-01T00:00:00Z",
        "updated_at":"1970-01-01T00:00:00.012Z",
        "history":[{"status":"PENDING","at":"1970-01-01T00:00:00Z"}]}
        """#

    private static let script: @Sendable (ScriptedGateway.Request) -> ScriptedGateway.Reply = {
        switch $0.line {
        case "GET /orders?limit=5": .answer("[\(order)]")
        case "GET /orders/changes?limit=9": .answer(#"{"orders":[],"next":"7:7:","more":false}"#)
        case "GET /accounts?limit=3", "GET /accounts/ada/transfers?limit=2": .answer("[]")
        case "GET /orders/summary":
            .answer(#"{"pending":1,"paid":950000,"failed":2,"paid_amount":1.00}"#)
        case "GET /accounts/summary": .answer(#"{"accounts":3,"balance":300.05}"#)
        case "GET /orders/x", "POST /orders": .answer(order)
        case "GET /ready":
            .answer(
                status: 503,
                #"{"status":"not_ready","dependencies":{"orders":{"state":"ok"},"#
                    + #""payments":{"state":"waiting","detail":"broker"}}}"#
            )
        case "POST /accounts", "POST /accounts/ada/deposit", "GET /accounts/ada/balance":
            .answer(#"{"user_id":"ada","balance":1}"#)
        default: .answer(status: 404, #"{"detail":"Not Found"}"#)
        }
    }

    /// What the gateway answers, or nil where it failed.
    private func answer(_ request: Request) async throws -> Response? {
        try await ScriptedGateway.open(Self.script) { gateway in
            let client = GatewayClient(.init(url: gateway.url))
            let event = await Asker(client: client).ask(request)
            await client.shutdown()
            guard case .responded(let asked, let response, let cost, _) = event else { return nil }
            #expect(asked == request)
            #expect(cost.bytes > 0 && cost.milliseconds >= 0)
            return response
        }
    }

    private let row = OrderRow(
        id: "01a2033e-9796-7000-bcd0-34327d45d9d9", user: "ada", amount: Cents(4_250),
        description: "tea", status: .paid, createdAt: 0, updatedAt: 12_000)
    private let account = AccountRow(user: "ada", balance: Cents(100))

    @Test func `lists, changes and single rows`() async throws {
        #expect(try await answer(.orders(limit: 5)) == .orders([row]))
        #expect(
            try await answer(.changes(after: nil, limit: 9))
                == .changes([], next: "7:7:", hasMore: false))
        #expect(try await answer(.accounts(limit: 3)) == .accounts([]))
        #expect(try await answer(.balance(user: "ada")) == .balance(account))
        #expect(
            try await answer(.transfers(user: "ada", limit: 2)) == .transfers(user: "ada", []))
        guard case .order(let detail)? = try await answer(.order(id: "x")) else {
            Issue.record("no detail")
            return
        }
        #expect(detail.row == row)
        #expect(detail.history == [HistoryRow(status: .pending, at: 0)])
        #expect(detail.raw.contains("\n  \"amount\": 42.50,"))
    }

    @Test func `health names the gateway and what is down behind it`() async throws {
        #expect(
            try await answer(.health)
                == .health([
                    ServiceHealth(name: "gateway", isUp: true),
                    ServiceHealth(name: "orders", isUp: true),
                    ServiceHealth(name: "payments", isUp: false, detail: "broker"),
                ]))
    }

    @Test func `totals are of orders and accounts together`() async throws {
        let totals = Totals(
            pending: 1, paid: 950_000, failed: 2, accounts: 3, balance: Cents(30_005))
        #expect(try await answer(.totals) == .totals(totals))
    }

    @Test func `submissions`() async throws {
        func submit(_ content: Submission.Content) async throws -> Response? {
            try await answer(.submit(Submission(key: "k", content: content)))
        }
        #expect(try await submit(.openAccount(user: "ada")) == .account(account))
        #expect(try await submit(.deposit(user: "ada", amount: Cents(1))) == .account(account))
        #expect(
            try await submit(.placeOrder(user: "ada", amount: Cents(1), description: ""))
                == .placed(row))
    }

    @Test(arguments: [
        (
            ScriptedGateway.Reply.answer(
                status: 422, #"{"detail":[{"loc":["body","amount"],"msg":"too much"}]}"#),
            Failure.refused(
                status: 422, detail: "amount: too much",
                fields: [FieldRefusal(field: "amount", message: "too much")])
        ),
        (
            .answer(status: 503, #"{"detail":"down"}"#, headers: ["Retry-After: 3"]),
            .server(status: 503, detail: "down", retryAfter: 3)
        ),
        (.raw([]), .broken("")), (.stall(), .timedOut),
    ])
    func `failures keep what the model decides by`(
        reply: ScriptedGateway.Reply, expected: Failure
    ) async throws {
        let event = try await ScriptedGateway.answering(reply) { gateway in
            // Long enough for a busy machine, except where the deadline is what is waited for.
            let deadline: Duration = expected == .timedOut ? .milliseconds(200) : .seconds(30)
            let client = GatewayClient(.init(url: gateway.url, deadline: deadline))
            let event = await Asker(client: client).ask(.order(id: "x"))
            await client.shutdown()
            return event
        }
        guard case .failed(.order(id: "x"), let failure, _) = event else {
            Issue.record("no failure")
            return
        }
        #expect(failure == expected)
    }

    @Test func `one picture has the data, or says why not`() async throws {
        let state = State(
            settings: Settings(gateway: "http://g"), size: Size(columns: 100, rows: 30),
            moment: .current, session: "s", seed: 1)
        let picture = try await ScriptedGateway.open { request in
            request.line.hasPrefix("GET /orders?")
                ? .answer("[\(Self.order)]") : Self.script(request)
        } _: { gateway in
            let client = GatewayClient(.init(url: gateway.url))
            let picture = await Picture.take(state, Asker(client: client))
            await client.shutdown()
            return picture
        }
        #expect(picture.text.contains("PAID"))
        let client = GatewayClient(.init(url: "http://127.0.0.1:1"))
        let lost = await Picture.take(state, Asker(client: client))
        await client.shutdown()
        #expect(lost.failure?.contains("cannot connect") == true)
    }
}
