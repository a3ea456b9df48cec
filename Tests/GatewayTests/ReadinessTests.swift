import GatewayInfrastructure
import ServiceHost
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReadinessTests {
    @Test func `the gateway is ready when both services are`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) {
                payments in
                try await Gateway.open(orders: orders.port, payments: payments.port) { gateway in
                    let answer = try await gateway.call("GET", "/ready")
                    #expect(answer.status == 200)
                    #expect(
                        answer.body
                            == #"{"status":"ready","dependencies":{"orders":{"state":"ok"},"#
                            + #""payments":{"state":"ok"}}}"#)
                    #expect(orders.requests.first?.hasPrefix("GET /ready ") == true)
                }
            }
        }
    }

    @Test func `it names who is not, and what that service waits for`() async throws {
        let waiting = ScriptedPeer.response(
            "503 Service Unavailable",
            #"{"status":"not_ready","dependencies":{"database":{"state":"waiting","#
                + #""detail":"connection refused"},"broker":{"state":"ok"}}}"#)
        try await ScriptedPeer.open(ScriptedPeer.answering(waiting)) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/ready")
                #expect(answer.status == 503)
                let waiting = #""state":"waiting","detail":"database waiting connection refused""#
                #expect(answer.body.contains(#""orders":{\#(waiting)}"#))
                #expect(answer.body.contains(#""payments":{"state":"down","detail":"Payments"#))
            }
        }
    }

    @Test func `everybody who asks at once shares one question`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await withUpstreamClient { client in
                let readiness = UpstreamReadiness(
                    [Upstream(name: "Orders", url: "http://127.0.0.1:\(orders.port)")],
                    client: client, own: Readiness(), freshness: .seconds(60))
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<20 { group.addTask { await readiness.report().isReady } }
                    for await isReady in group { #expect(isReady) }
                }
                #expect(orders.requests.count == 1)
            }
        }
    }

    @Test func `a gateway that stops is not ready whatever the services say`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await withUpstreamClient { client in
                let own = Readiness()
                let readiness = UpstreamReadiness(
                    [Upstream(name: "Orders", url: "http://127.0.0.1:\(orders.port)")],
                    client: client, own: own)
                #expect(await readiness.report().isReady)
                own.stop()
                #expect(await !readiness.report().isReady)
            }
        }
    }
}
