import JSON
import NIOHTTP1
import TestShop
import TestSupport
import Testing

/// The reference project's clients keep working: its calls, as its README and its gateway spell
/// them, with the answers that it gives. Where Kassa differs on purpose, docs/api.md says why.
@Suite struct DropInTests {
    /// One call of a client and what it counts on.
    struct Call: CustomStringConvertible {
        let daemon: Shop.Daemon
        let request: String
        let body: String?
        let status: Int
        /// JSON; `{id}` is the first order's id, `"*"` any text. Members that are not named here
        /// may be there: the contract changes by addition.
        let answer: String

        init(
            _ request: String, _ body: String?, _ status: Int, _ answer: String,
            at daemon: Shop.Daemon = .gateway
        ) {
            self.daemon = daemon
            self.request = request
            self.body = body
            self.status = status
            self.answer = answer
        }

        var description: String { "\(daemon.rawValue) \(request) \(body ?? "")" }
    }

    private static let missing = #"{"type":"missing","msg":"Field required"}"#
    private static let notPositive = """
        {"detail":[{"type":"greater_than","loc":["body","amount"],
        "msg":"Input should be greater than 0","input":-1.0,"ctx":{"gt":0.0}}]}
        """

    private static let accounts: [Call] = [
        Call(
            "POST /payments/accounts", #"{"user_id":"ann"}"#, 201,
            #"{"user_id":"ann","balance":0.0}"#),
        Call("POST /payments/accounts", "{}", 422, #"{"detail":[\#(missing)]}"#),
        Call(
            "POST /payments/accounts/ann/deposit", #"{"amount":100.5}"#, 200,
            #"{"user_id":"ann","balance":100.5}"#),
        Call(
            "POST /payments/accounts/ann/deposit", #"{"amount":"5"}"#, 200,
            #"{"user_id":"ann","balance":105.5}"#),
        Call("POST /payments/accounts/ann/deposit", #"{"amount":-1.0}"#, 422, notPositive),
        Call("POST /payments/accounts/ann/deposit", "{}", 422, #"{"detail":[\#(missing)]}"#),
        Call(
            "POST /payments/accounts/bob/deposit", #"{"amount":1}"#, 404,
            #"{"detail":"Account 'bob' not found"}"#),
        Call(
            "GET /payments/accounts/ann/balance", 200, #"{"user_id":"ann","balance":105.5}"#),
        Call("GET /payments/accounts/bob/balance", 404, #"{"detail":"Account not found"}"#),
        // As the README spells them, and as the Payments service itself has them.
        Call("POST /accounts?user_id=cid", 201, #"{"user_id":"cid","balance":0.0}"#),
        Call(
            "POST /accounts/cid/deposit", #"{"amount":7}"#, 200, #"{"user_id":"cid","balance":7}"#),
        Call("GET /accounts/cid/balance", 200, #"{"user_id":"cid","balance":7.0}"#),
        Call(
            "POST /accounts?user_id=dan", nil, 201, #"{"user_id":"dan","balance":0}"#, at: .payments
        ),
        Call("POST /accounts/", #"{"user_id":"eve"}"#, 201, #"{"user_id":"eve"}"#, at: .payments),
        Call(
            "POST /accounts/dan/deposit", #"{"amount":1.25}"#, 200,
            #"{"user_id":"dan","balance":1.25}"#, at: .payments),
        Call("GET /accounts/dan/balance", nil, 200, #"{"balance":1.25}"#, at: .payments),
    ]

    private static let orders: [Call] = [
        Call(
            "POST /orders/", #"{"user_id":"ann","amount":42.5,"description":"tea"}"#, 201,
            """
            {"order_id":"*","user_id":"ann","amount":42.5,"description":"tea","status":"PENDING"}
            """),
        Call("POST /orders/", #"{"user_id":"ann","amount":-1.0}"#, 422, notPositive),
        Call("POST /orders/", #"{"amount":1.0}"#, 422, #"{"detail":[\#(missing)]}"#),
        Call(
            "POST /orders/", "{", 422,
            """
            {"detail":[{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error",
            "input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}]}
            """),
        Call("GET /orders/{id}", 200, #"{"order_id":"{id}","user_id":"ann","amount":42.5}"#),
        Call("GET /orders/", 200, #"[{"order_id":"{id}","status":"*","description":"tea"}]"#),
        Call("GET /grpc/orders/{id}", 200, #"{"order_id":"{id}","user_id":"ann","amount":42.5}"#),
        Call("GET /grpc/orders/", 200, #"[{"order_id":"{id}","description":"tea"}]"#),
        Call("GET /grpc/orders/none", 404, #"{"detail":"Order not found"}"#),
        Call(
            "GET /orders/{id}", nil, 200, #"{"order_id":"{id}","description":"tea"}"#, at: .orders),
        Call("GET /orders/none", nil, 404, #"{"detail":"Order not found"}"#, at: .orders),
        // A number may come as text; without a slash it is the same call, where the README has it.
        Call(
            "POST /orders", #"{"user_id":"ann","amount":"5","description":""}"#, 201,
            #"{"user_id":"ann","amount":5.0,"description":"","status":"PENDING"}"#),
        Call(
            "POST /grpc/orders/", #"{"user_id":"ann","amount":1.0,"description":"rpc"}"#, 201,
            #"{"order_id":"*","amount":1.0,"description":"rpc","status":"PENDING"}"#),
        Call(
            "POST /orders", #"{"user_id":"ann","amount":0.01,"description":"x"}"#, 201,
            #"{"amount":0.01,"description":"x","status":"PENDING"}"#, at: .orders),
    ]

    private static let rest: [Call] = [
        Call("DELETE /orders/", 405, #"{"detail":"Method Not Allowed"}"#),
        Call("GET /nowhere", 404, #"{"detail":"Not Found"}"#),
        Call("GET /openapi.json", 200, #"{"openapi":"3.1.0"}"#),
        Call("GET /health", nil, 200, #"{"status":"ok"}"#, at: .orders),
        Call("GET /health", nil, 200, #"{"status":"ok"}"#, at: .payments),
    ]

    /// The section "Differences from the reference project's API" of docs/api.md, row by row.
    private static let differences: [Call] = [
        Call("GET /orders", 200, "[{},{},{},{}]"),
        Call("GET /orders/none", 404, #"{"detail":"Order not found"}"#),
        Call("POST /orders/", #"{"user_id":"ann"}"#, 422, #"{"detail":[\#(missing)]}"#),
        Call(
            "POST /payments/accounts", #"{"user_id":"ann"}"#, 409,
            #"{"detail":"Account 'ann' already exists"}"#),
        Call("POST /grpc/orders/", #"{"user_id":"ann","amount":-1.0}"#, 422, notPositive),
        Call(
            "POST /orders/", #"{"user_id":"ann","amount":1.001}"#, 422,
            #"{"detail":[{"type":"decimal_max_places"}]}"#),
        Call(
            "POST /orders/", #"{"user_id":"ann","amount":Infinity}"#, 422,
            #"{"detail":[{"type":"json_invalid"}]}"#),
        Call("GET /redoc", 404, #"{"detail":"Not Found"}"#),
    ]

    @Test func `the reference project's calls are answered as its clients expect`() async throws {
        let shop = try await Shop.open()
        var id = "-"
        for call in Self.accounts + Self.orders + Self.rest + Self.differences {
            let words = call.request.replacing("{id}", with: id).split(separator: " ")
            let answer = try await shop.call(
                HTTPMethod(rawValue: String(words[0])), String(words[1]), text: call.body,
                at: call.daemon)
            #expect(answer.status == call.status, "\(call)")
            if id == "-", let placed = answer["order_id"] { id = placed }
            let expected = try JSONValue(
                parsing: Array(call.answer.replacing("{id}", with: id).utf8))
            #expect(expected.isHeld(by: answer.json), "\(call): \(answer.json.text)")
        }
        // The whole trip, as its README tells it.
        let paid = try await shop.settled(id, path: "/orders/")
        #expect(paid["status"] == "PAID")
        await shop.close()
    }

    @Test func `what a client counts on is compared by value`() throws {
        func holds(_ expected: JSONValue, _ actual: JSONValue) -> Bool {
            expected.isHeld(by: actual)
        }
        #expect(holds(.number("5.0"), .number("5.00")) && !holds(.number("5"), .number("5.01")))
        #expect(holds(["a": "*"], ["a": "x", "b": "y"]) && !holds(["a": "*"], ["b": "y"]))
        #expect(holds(["a"], ["a"]) && !holds(["a"], ["a", "b"]) && !holds(["a"], []))
        #expect(!holds("a", "b") && !holds("*", .number("1")))
    }
}

extension DropInTests.Call {
    /// A call without a body.
    init(
        _ request: String, _ status: Int, _ answer: String, at daemon: Shop.Daemon = .gateway
    ) {
        self.init(request, nil, status, answer, at: daemon)
    }
}

extension JSONValue {
    /// Whether everything that this value names is in the other: numbers by value, `"*"` any text.
    fileprivate func isHeld(by other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let members), .object):
            members.allSatisfy { member in
                other[member.name].map { member.value.isHeld(by: $0) } ?? false
            }
        case (.array(let expected), .array(let actual)):
            expected.count == actual.count
                && zip(expected, actual).allSatisfy { $0.isHeld(by: $1) }
        case (.number(let expected), .number(let actual)): Double(expected) == Double(actual)
        case (.string("*"), .string): true
        default: self == other
        }
    }
}
