import GatewayInfrastructure
import Testing

/// What the gateway makes of `Idempotency-Key`.
@Suite(.timeLimit(.minutes(1))) struct KeyedRetryTests {
    private static let key = "Idempotency-Key: k-1"

    @Test func `a POST with a key that finds its connection broken goes out again, as it was`()
        async throws
    {
        // The first two are read and dropped.
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            guard connection.number >= 2 else { return }
            try await connection.send(
                ScriptedPeer.response("200 OK", #"{"n":1}"#, "Idempotent-Replayed: true"))
        }
        try await ScriptedPeer.open(script) { payments in
            try await Gateway.open(payments: payments.port) { gateway in
                let answer = try await gateway.call(
                    "POST", "/payments/accounts/ada/deposit", Self.key, body: #"{"amount":1}"#)
                #expect(answer.status == 200)
                #expect(answer.field("Idempotent-Replayed") == "true")
                #expect(payments.requests.count == 3)
                for request in payments.requests {
                    #expect(request.hasPrefix("POST /accounts/ada/deposit HTTP/1.1\r\n"))
                    #expect(request.lowercased().contains("idempotency-key: k-1\r\n"))
                    #expect(request.hasSuffix(#"{"amount":1}"#))
                }
            }
        }
    }

    @Test func `it gives up after three tries`() async throws {
        let script: ScriptedPeer.Script = { connection in _ = try await connection.request() }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("POST", "/orders", Self.key, body: "{}")
                #expect(answer.status == 502)
                #expect(orders.requests.count == 3)
            }
        }
    }

    @Test func `a service that is not there is 503 all the same`() async throws {
        try await Gateway.open { gateway in
            let answer = try await gateway.call("POST", "/orders", Self.key, body: "{}")
            #expect(answer.status == 503)
            #expect(answer.field("Retry-After") == "1")
        }
    }

    @Test func `an answer is an answer: nothing is sent again after it`() async throws {
        let response = ScriptedPeer.response(
            "503 Service Unavailable", #"{"detail":"x"}"#, "Retry-After: 1")
        try await ScriptedPeer.open(ScriptedPeer.answering(response)) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("POST", "/orders", Self.key, body: "{}")
                #expect(answer.status == 503)
                #expect(orders.requests.count == 1)
            }
        }
    }

    @Test func `no pause goes beyond the request's time`() async throws {
        let script: ScriptedPeer.Script = { connection in _ = try await connection.request() }
        try await ScriptedPeer.open(script) { orders in
            let deadlines = UpstreamClient.Deadlines(total: .milliseconds(90))
            try await Gateway.open(orders: orders.port, deadlines: deadlines) { gateway in
                // On a busy machine the time may be over before anything was sent: then once more.
                for _ in 0..<20 where orders.requests.isEmpty {
                    let answer = try await gateway.call("POST", "/orders", Self.key, body: "{}")
                    #expect(answer.status == 502 || answer.status == 504)
                }
                #expect(orders.requests.count == 1)
            }
        }
    }
}
