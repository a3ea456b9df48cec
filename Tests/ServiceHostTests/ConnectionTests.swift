import Hummingbird
import JSON
import NIOCore
import ServiceHost
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private static func addEcho(to router: ServiceRouter) {
        router.post("/echo") { request, context in
            try await readJSON(request, context).response()
        }
    }

    @Test func `a body is JSON, or absent, or refused with the reason`() async throws {
        try await Door.open(Self.addEcho) { door in
            let json = "Content-Type: application/json"
            let bare = try await door.post("/echo", #"{"a":1.50}"#)
            #expect(bare.body == #"{"a":1.50}"#)
            let inUTF8 = try await door.post("/echo", "1", "\(json); charset=UTF-8")
            #expect(inUTF8.status == 200)
            let empty = try await door.post("/echo", "", "Content-Type: text/plain")
            #expect(empty.body == "null")
            for type in ["text/plain", "application/jsonp", "application/json; charset=latin1"] {
                let answer = try await door.post("/echo", "1", "Content-Type: \(type)")
                #expect(answer.status == 415)
            }
            for broken in ["{", "NaN", "Infinity", #"{"a":1,"a":2}"#, "1 2", "\u{FEFF}1"] {
                let answer = try await door.post("/echo", broken, json)
                #expect(answer.status == 422)
                #expect(answer.body.hasPrefix(#"{"detail":[{"type":"json_invalid","loc":["body","#))
                #expect(
                    answer.body.contains(#""msg":"JSON decode error","input":{},"ctx":{"error":"#))
            }
        }
    }

    @Test func `a body may have 64 KiB and no byte more, announced or not`() async throws {
        try await Door.open(Self.addEcho) { door in
            let full = "\"\(String(repeating: "x", count: 65_534))\""
            let whole = try await door.post("/echo", full)
            #expect(whole.status == 200)
            let announced = try await door.exchange(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n")
            #expect(Answer(announced).status == 413)
            #expect(announced.hasSuffix(#"{"detail":"Request body is larger than 65536 bytes"}"#))
            let chunk = "4000\r\n\(String(repeating: "x", count: 16_384))\r\n"
            let chunked = try await door.exchange(
                "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 5))
            #expect(Answer(chunked).status == 413)
        }
    }

    @Test func `a body that trickles gets 408 by the deadline, and its connection ends`()
        async throws
    {
        var limits = HTTPServer.Limits()
        limits.bodyDeadline = .milliseconds(200)
        try await Door.open(limits: limits, Self.addEcho) { door in
            let answer = try await door.exchange(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
            #expect(Answer(answer).status == 408)
            #expect(Answer(answer).body == #"{"detail":"Request body did not arrive in time"}"#)
        }
    }

    @Test func `a connection that says nothing is closed`() async throws {
        var limits = HTTPServer.Limits()
        limits.idleTimeout = .milliseconds(100)
        try await Door.open(limits: limits) { _ in
        } _: { door in
            let answer = try await door.exchange("GET /health HTTP/1.1\r\n")
            #expect(answer == "")
        }
    }

    @Test(arguments: [
        "GET / NONSENSE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ])
    func `bytes that are no HTTP get 400 in the error shape`(_ bytes: String) async throws {
        try await Door.open { _ in
        } _: { door in
            let answer = Answer(try await door.exchange(bytes))
            #expect(answer.status == 400)
            #expect(answer.body == #"{"detail":"Malformed HTTP request"}"#)
        }
    }

    @Test func `a connection is kept for the next request`() async throws {
        try await Door.open { door in
            let request = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            let answers = try await door.exchange(request + request) {
                $0.split(separator: #"{"status":"ok"}"#, omittingEmptySubsequences: false).count
                    == 3
            }
            #expect(answers.split(separator: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test func `shutdown finishes the request in flight and takes no new connection`() async throws
    {
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (leave, release) = AsyncStream.makeStream(of: Void.self)
        try await Door.open { router in
            router.get("/slow") { _, _ in
                enter.yield()
                for await _ in leave { break }
                return JSONValue.string("done").response()
            }
        } _: { door in
            async let answer = door.exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in entered { break }
            await door.group.triggerGracefulShutdown()
            try await refused(door)
            release.yield()
            let finished = Answer(try await answer)
            #expect(finished.body == #""done""#)
        }
    }

    /// Returns once the door takes no connection any more.
    private func refused(_ door: Door) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            do {
                _ = try await door.connect { _, _ in }
                await Task.yield()
            } catch {
                return
            }
        }
        Issue.record("still takes connections")
    }
}
