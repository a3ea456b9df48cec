import GatewayInfrastructure
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(1))) struct RoutingTests {
    /// What a service saw: the request line and the header fields by lower-case name.
    private struct Seen {
        let line: String
        let fields: [String: String]
        let body: String

        init(_ request: String) {
            let halves = request.split(
                separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            let lines = halves[0].split(separator: "\r\n")
            line = String(lines[0])
            var fields: [String: String] = [:]
            for field in lines.dropFirst() {
                let parts = field.split(separator: ":", maxSplits: 1)
                fields[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
            }
            self.fields = fields
            body = halves.count == 2 ? String(halves[1]) : ""
        }
    }

    @Test(arguments: [
        ("POST /orders", "O POST /orders"), ("POST /orders/", "O POST /orders"),
        ("GET /orders?user_id=a%2Fb&limit=3", "O GET /orders?user_id=a%2Fb&limit=3"),
        ("GET /orders/7/", "O GET /orders/7"), ("GET /accounts?limit=2", "P GET /accounts?limit=2"),
        ("POST /accounts?user_id=x", "P POST /accounts?user_id=x"),
        ("POST /payments/accounts/?user_id=x", "P POST /accounts?user_id=x"),
        ("POST /accounts/x/deposit", "P POST /accounts/x/deposit"),
        ("POST /payments/accounts/x/deposit", "P POST /accounts/x/deposit"),
        ("GET /accounts/x/balance/", "P GET /accounts/x/balance"),
        ("GET /payments/accounts/x/balance", "P GET /accounts/x/balance"),
        ("GET /accounts/x/transfers", "P GET /accounts/x/transfers"),
        ("GET /accounts/a%2Fb/balance", "P GET /accounts/a%2Fb/balance"),
        ("GET /accounts/%2E%2e/balance", "P GET /accounts/%2E%2E/balance"),
        ("GET /accounts/a%25%2541/balance", "P GET /accounts/a%25%2541/balance"),
        ("GET /accounts/%C3%BC%00/balance", "P GET /accounts/%C3%BC%00/balance"),
        ("GET /accounts/a:b/balance", "P GET /accounts/a%3Ab/balance"),
        ("HEAD /orders", "O GET /orders"),
    ])
    func `each call reaches its service, its segments written in one way`(
        _ call: String, _ expected: String
    ) async throws {
        let script = ScriptedPeer.answering(ScriptedPeer.response())
        try await ScriptedPeer.open(script) { orders in
            try await ScriptedPeer.open(script) { payments in
                try await Gateway.open(orders: orders.port, payments: payments.port) { gateway in
                    let parts = call.split(separator: " ").map(String.init)
                    let answer = try await gateway.call(parts[0], parts[1])
                    #expect(answer.status == 200)
                    let seen =
                        orders.requests.map { "O \(Seen($0).line)" }
                        + payments.requests.map { "P \(Seen($0).line)" }
                    #expect(seen == ["\(expected) HTTP/1.1"])
                }
            }
        }
    }

    @Test func `what no service offers is 404 or 405 and asks nobody`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let missing = try await gateway.call("GET", "/order")
                #expect(missing.status == 404)
                #expect(missing.body == #"{"detail":"Not Found"}"#)
                let wrong = try await gateway.call("DELETE", "/orders")
                #expect(wrong.status == 405)
                #expect(wrong.body == #"{"detail":"Method Not Allowed"}"#)
                #expect(wrong.field("Allow") == "GET, HEAD, POST")
                #expect(orders.requests.isEmpty)
            }
        }
    }

    @Test func `a request travels with its headers and body, but for what is the connection's`()
        async throws
    {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let body = #"{"user_id":"ü","amount":42.50}"#
                let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                _ = try await gateway.call(
                    "POST", "/orders", "Content-Type: application/json", "X-Request-ID: trip-7",
                    "traceparent: \(trace)", "tracestate: v=1", "Idempotency-Key: k",
                    "Connection: X-Hop", "X-Hop: 1", "Keep-Alive: 5", "X-End: 2", body: body)
                let seen = Seen(try #require(orders.requests.first))
                #expect(seen.body == body)
                for (name, value) in [
                    "content-type": "application/json", "x-request-id": "trip-7",
                    "traceparent": trace, "tracestate": "v=1", "idempotency-key": "k",
                    "x-end": "2", "host": "127.0.0.1:\(orders.port)",
                    "content-length": "\(body.utf8.count)",
                ] {
                    #expect(seen.fields[name] == value, "\(name)")
                }
                #expect(seen.fields["x-hop"] == nil)
                #expect(seen.fields["keep-alive"] == nil)
            }
        }
    }

    @Test func `a request without an id gets one, the same inside and out`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders", "traceparent: nonsense")
                let seen = Seen(try #require(orders.requests.first))
                #expect(seen.fields["x-request-id"]?.utf8.count == 32)
                #expect(seen.fields["x-request-id"] == answer.field("X-Request-ID"))
                #expect(seen.fields["traceparent"] == nil)
            }
        }
    }

    @Test(arguments: ["201 Created", "404 Not Found", "409 Conflict", "422 X", "503 X", "500 X"])
    func `a service's answer comes through as it is`(_ status: String) async throws {
        let response = ScriptedPeer.response(
            status, #"{"detail":"Account 'x' not found"}"#, "Content-Type: application/json",
            "Location: /orders/7", "Link: </orders?limit=1&before=7>; rel=\"next\"",
            "Retry-After: 3", "ETag: \"v1\"", "Keep-Alive: timeout=5", "Connection: X-Own",
            "X-Own: 1")
        try await ScriptedPeer.open(ScriptedPeer.answering(response)) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders")
                #expect(answer.status == status.split(separator: " ").first.flatMap { Int($0) })
                #expect(answer.body == #"{"detail":"Account 'x' not found"}"#)
                #expect(answer.field("Location") == "/orders/7")
                #expect(
                    answer.field("Link")
                        == "</orders?limit=1&before=7>; rel=\"next\"")
                #expect(answer.field("Retry-After") == "3")
                #expect(answer.field("ETag") == "\"v1\"")
                #expect(answer.field("Content-Type") == "application/json")
                #expect(answer.field("X-Own") == nil)
                #expect(answer.field("Keep-Alive") == nil)
            }
        }
    }

    @Test func `a redirect is passed on, never followed`() async throws {
        let response = ScriptedPeer.response("307 Temporary Redirect", "", "Location: /elsewhere")
        try await ScriptedPeer.open(ScriptedPeer.answering(response)) { orders in
            let answer = try await withUpstreamClient { client in
                try await client.send(
                    UpstreamRequest(method: .post, target: "/orders"),
                    to: Upstream(name: "Orders", url: "http://127.0.0.1:\(orders.port)"))
            }
            #expect(answer.status.code == 307)
            #expect(orders.requests.count == 1)
        }
    }

    @Test func `a body over 64 KiB is 413 and reaches no service`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let most = String(repeating: "x", count: 65_536)
                let taken = try await gateway.call("POST", "/orders", body: most)
                #expect(taken.status == 200)
                let refused = try await gateway.call("POST", "/orders", body: most + "x")
                #expect(refused.status == 413)
                #expect(refused.body == #"{"detail":"Request body is larger than 65536 bytes"}"#)
                #expect(orders.requests.count == 1)
            }
        }
    }

    @Test(arguments: [true, false])
    func `a long answer streams through whole`(_ isChunked: Bool) async throws {
        let part = String(repeating: "0123456789abcdef", count: 4_096)
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            try await connection.send(
                "HTTP/1.1 200 OK\r\n"
                    + (isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 2097152")
                    + "\r\n\r\n")
            for _ in 0..<32 {
                try await connection.send(isChunked ? "10000\r\n\(part)\r\n" : part)
            }
            if isChunked { try await connection.send("0\r\n\r\n") }
            try await connection.untilClosed()
        }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders")
                #expect(answer.status == 200)
                #expect(answer.body.utf8.count == 2_097_152)
                #expect(answer.body.hasSuffix("abcdef"))
            }
        }
    }

    @Test func `a long answer that breaks off ends in a broken connection, not in a short answer`()
        async throws
    {
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            try await connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                _ = await #expect(throws: (any Error).self) {
                    _ = try await gateway.call("GET", "/orders")
                }
            }
        }
    }
}
