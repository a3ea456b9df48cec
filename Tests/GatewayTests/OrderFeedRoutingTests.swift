import Testing

@Suite(.timeLimit(.minutes(1))) struct OrderFeedRoutingTests {
    @Test func `the feed of changes is served by Orders, its cursor as it was given`()
        async throws
    {
        let script = ScriptedPeer.answering(ScriptedPeer.response())
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders/changes?after=9:12:10,11~9:9:")
                #expect(answer.status == 200)
                let line = orders.requests.first?.split(separator: "\r\n").first
                #expect(line == "GET /orders/changes?after=9:12:10,11~9:9: HTTP/1.1")
            }
        }
    }

    @Test func `the summaries are each served by the service that counts`() async throws {
        let script = ScriptedPeer.answering(ScriptedPeer.response())
        try await ScriptedPeer.open(script) { orders in
            try await ScriptedPeer.open(script) { payments in
                try await Gateway.open(orders: orders.port, payments: payments.port) { gateway in
                    for (path, peer) in [
                        ("/orders/summary", orders), ("/accounts/summary", payments),
                    ] {
                        let answer = try await gateway.call("GET", "\(path)/")
                        #expect(answer.status == 200)
                        let line = peer.requests.first?.split(separator: "\r\n").first
                        #expect(line == "GET \(path) HTTP/1.1")
                    }
                }
            }
        }
    }
}
