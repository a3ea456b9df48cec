import Hummingbird
import JSON
import NIOCore
import ServiceHost
import Testing

@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    @Test
    func `a target that is too long is 414, header fields that are too many or large are 431`()
        async throws
    {
        try await Door.open { _ in
        } _: { door in
            for length in [8_192, 20_000, 200_000] {
                let answer = try await door.get("/\(String(repeating: "y", count: length))")
                #expect(answer.status == 414)
                #expect(answer.body == #"{"detail":"Path is too long"}"#)
            }
            let long = try await door.get(
                "/health", "GET", "X: \(String(repeating: "y", count: 40_000))")
            #expect(long.status == 431)
            #expect(long.body == #"{"detail":"Request header fields are too large"}"#)
            let many = (0..<200).map { "X-\($0): y" }.joined(separator: "\r\n")
            let flood = try await door.get("/health", "GET", many)
            #expect(flood.status == 431)
        }
    }

    @Test func `a head that trickles gets 408 by its deadline, however steadily it trickles`()
        async throws
    {
        var limits = HTTPServer.Limits()
        limits.headDeadline = .milliseconds(200)
        try await Door.open(limits: limits) { _ in
        } _: { door in
            let answer = Answer(try await door.exchange("GET /health HTTP/1.1\r\nHost"))
            #expect(answer.status == 408)
            #expect(answer.body == #"{"detail":"Request head did not arrive in time"}"#)
        }
    }

    @Test func `who does not take his answer loses his connection`() async throws {
        var limits = HTTPServer.Limits()
        limits.writeDeadline = .milliseconds(200)
        let (ended, end) = AsyncStream.makeStream(of: Bool.self)
        try await Door.open(limits: limits) { router in
            router.get("/long") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        let part = ByteBuffer(repeating: 0x78, count: 65_536)
                        do {
                            for _ in 0..<10_000 { try await writer.write(part) }
                            try await writer.finish(nil)
                            end.yield(false)
                        } catch {
                            end.yield(true)
                        }
                    })
            }
        } _: { door in
            try await door.connect { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(string: "GET /long HTTP/1.1\r\nHost: x\r\n\r\n"))
                // Not a byte is read until the route has been told that nobody listens.
                for await wasCut in ended {
                    #expect(wasCut)
                    break
                }
            }
        }
    }

    @Test func `a client beyond its rate gets 429 with Retry-After, and may ask for health`()
        async throws
    {
        var requests = RequestLimits()
        requests.rate = 0.01
        requests.burst = 3
        try await Door.open(requests: requests) { router in
            router.get("/orders") { _, _ in JSONValue.array([]).response() }
        } _: { door in
            for _ in 0..<3 {
                let answer = try await door.get("/orders")
                #expect(answer.status == 200)
            }
            let refused = try await door.get("/orders")
            #expect(refused.status == 429)
            #expect(refused.body == #"{"detail":"Too many requests"}"#)
            let wait = refused.fields["retry-after"].flatMap { Int($0) } ?? 0
            #expect((90...100).contains(wait))
            for _ in 0..<5 {
                let health = try await door.get("/health")
                #expect(health.status == 200)
            }
        }
    }

    @Test func `more requests than the bound get 503 at once while the others are worked on`()
        async throws
    {
        var requests = RequestLimits()
        requests.atOnce = 2
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (leave, release) = AsyncStream.makeStream(of: Void.self)
        try await Door.open(requests: requests) { router in
            router.get("/slow") { _, _ in
                enter.yield()
                for await _ in leave { break }
                return JSONValue.string("done").response()
            }
        } _: { door in
            async let first = door.get("/slow")
            async let second = door.get("/slow")
            var arrivals = entered.makeAsyncIterator()
            await arrivals.next()
            await arrivals.next()
            for _ in 0..<10 {
                let refused = try await door.get("/slow")
                #expect(refused.status == 503)
                #expect(refused.fields["retry-after"] == "1")
                let health = try await door.get("/health")
                #expect(health.status == 200)
            }
            release.finish()
            let bodies = try await [first.body, second.body]
            #expect(bodies == [#""done""#, #""done""#])
            // There is room again.
            let third = try await door.get("/slow")
            #expect(third.status == 200)
        }
    }

    @Test func `beyond the connections' limit only the daemon's health is told`() async throws {
        var limits = HTTPServer.Limits()
        limits.connections = 2
        try await Door.open(limits: limits) { router in
            router.get("/orders") { _, _ in JSONValue.array([]).response() }
        } _: { door in
            try await door.connect { _, one in
                try await door.connect { _, two in
                    // Both are in once they are answered; they stay open.
                    for outbound in [one, two] {
                        try await outbound.write(ByteBuffer(string: "GET /health"))
                    }
                    try await eventuallyFull(door)
                    let health = try await door.get("/health")
                    #expect(health.status == 200)
                    #expect(health.body == #"{"status":"ok"}"#)
                }
            }
            let deadline = ContinuousClock.now + .seconds(20)
            var answer = try await door.get("/orders")
            while answer.status != 200, .now < deadline {
                answer = try await door.get("/orders")
            }
            #expect(answer.status == 200)
        }
    }

    /// Returns once the door says that it is full.
    private func eventuallyFull(_ door: Door) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let answer = try await door.get("/orders")
            guard answer.status == 503 else { continue }
            #expect(answer.fields["retry-after"] == "1")
            #expect(answer.body == #"{"detail":"Too many connections, try again"}"#)
            return
        }
        Issue.record("never full")
    }
}
