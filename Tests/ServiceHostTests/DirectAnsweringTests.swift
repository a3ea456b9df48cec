import Access
import Hummingbird
import JSON
import NIOCore
import ServiceHost
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Requests that are answered on their connection, held against the same route's ordinary way.
@Suite(.timeLimit(.minutes(1))) struct DirectAnsweringTests {
    /// A route that answers with what it was told, by both ways, and says which it was.
    private final class Desk: Sendable {
        let requests = Mutex<[String]>([])
        private let held = Mutex<[@Sendable () -> Void]>([])
        let holds: Bool

        init(holds: Bool = false) { self.holds = holds }

        var waiting: Int { held.withLock { $0.count } }

        func letOneGo() {
            let next = held.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            next?()
        }

        func add(to router: ServiceRouter) {
            let direct = DirectRoute { request in
                request.headers[.idempotencyKey] == nil
            } begin: { request, complete in
                let text = String(buffer: request.body)
                self.requests.withLock { $0.append("direct \(text)") }
                let answer = { @Sendable in
                    guard text != "fail" else {
                        return complete(.failure(HTTPFault(.conflict, "refused")))
                    }
                    complete(
                        .success(
                            JSONValue.string("\(text) by \(request.caller.name)").bufferedResponse(
                                .created, headers: [.location: "/orders/1"])))
                }
                if self.holds { self.held.withLock { $0.append(answer) } } else { answer() }
            }
            router.post("/orders", directly: direct) { request, context in
                let text = String(buffer: try await readBody(request, context))
                self.requests.withLock { $0.append("ordinary \(text)") }
                return JSONValue.string("\(text) by \(context.caller.name)").response(
                    .created, headers: [.location: "/orders/1"])
            }
            router.get("/other") { _, _ in JSONValue.string("other").response() }
        }
    }

    private static func order(_ body: String, _ fields: String...) -> String {
        let lines =
            ["POST /orders HTTP/1.1", "Host: x", "Content-Length: \(body.utf8.count)"] + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static func last(_ body: String) -> String { order(body, "Connection: close") }

    /// The answers that a text holds, one behind the other, each with its length.
    private static func answers(_ text: String) -> [Answer] {
        var answers: [Answer] = []
        var rest = Substring(text)
        while let end = rest.firstRange(of: "\r\n\r\n") {
            let head = Answer(String(rest[..<end.upperBound]))
            let length = head.fields["content-length"].flatMap { Int($0) } ?? 0
            let body = rest[end.upperBound...].prefix(length)
            answers.append(Answer(String(rest[..<end.upperBound]) + body))
            rest = rest[body.endIndex...]
        }
        return answers
    }

    @Test func `one that comes whole is answered directly, and the connection stays`()
        async throws
    {
        let desk = Desk()
        try await Door.open({ desk.add(to: $0) }) { door in
            let text = try await door.exchange(
                Self.order("a", "X-Request-ID: r-1") + Self.order("b", "connection: Keep-Alive")
                    + Self.last("c"))
            let answers = Self.answers(text)
            #expect(answers.map(\.status) == [201, 201, 201])
            #expect(answers.map(\.body) == ["a", "b", "c"].map { "\"\($0) by anonymous\"" })
            #expect(answers.first?.fields["x-request-id"] == "r-1")
            #expect(answers.first?.fields["location"] == "/orders/1")
            #expect(answers.first?.fields["content-type"] == "application/json")
            // Both ways write the same fields.
            #expect(
                Set(answers[0].fields.keys).union(["connection"])
                    == Set(answers[2].fields.keys).union(["connection"]))
        }
        #expect(desk.requests.withLock { $0 } == ["direct a", "direct b", "ordinary c"])
    }

    @Test(arguments: [
        ("POST /orders/ HTTP/1.1", ["Connection: close"], 201),
        ("POST /orders?x=1 HTTP/1.1", ["Connection: close"], 201),
        ("POST /orders HTTP/1.1", ["Connection: close", "Idempotency-Key: k"], 201),
        ("PUT /orders HTTP/1.1", ["Connection: close"], 405),
        ("POST /orders HTTP/1.0", [], 201),
        ("POST /orders HTTP/1.1", ["Expect: 100-continue", "Connection: close"], 201),
    ])
    func `what is unusual goes the ordinary way`(
        line: String, fields: [String], status: Int
    ) async throws {
        let desk = Desk()
        let head = [line, "Host: x", "Content-Length: 1"] + fields
        try await Door.open({ desk.add(to: $0) }) { door in
            let answer = Answer(
                try await door.exchange(head.joined(separator: "\r\n") + "\r\n\r\na"))
            #expect(answer.status == status)
        }
        #expect(desk.requests.withLock { $0.contains { $0.hasPrefix("direct") } } == false)
    }

    @Test func `one whose body is long, or that comes in pieces, goes the ordinary way`()
        async throws
    {
        let desk = Desk()
        try await Door.open({ desk.add(to: $0) }) { door in
            let long = String(repeating: "x", count: 5_000)
            try await door.connect { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                let request = Self.order("ab")
                try await outbound.write(ByteBuffer(string: String(request.dropLast(1))))
                // The door has read the first piece once it has answered another connection.
                #expect(try await door.get("/other").status == 200)
                try await outbound.write(ByteBuffer(string: "b"))
                let first = try await parts.next().map { String(buffer: $0) } ?? ""
                #expect(Answer(first).body == "\"ab by anonymous\"")
                try await outbound.write(ByteBuffer(string: Self.order(long)))
                let second = try await parts.next().map { String(buffer: $0) } ?? ""
                #expect(Answer(second).status == 201)
            }
        }
        let ways = desk.requests.withLock { $0.map { $0.prefix(8) } }
        #expect(ways == ["ordinary", "ordinary"])
    }

    @Test func `what comes behind it waits for its turn, and is answered in order`() async throws {
        let desk = Desk(holds: true)
        try await Door.open({ desk.add(to: $0) }) { door in
            async let text = door.exchange(
                Self.order("a") + Self.order("b") + "GET /other HTTP/1.1\r\nHost: x\r\n\r\n"
                    + Self.last("c"))
            try await eventually { desk.waiting == 1 }
            #expect(desk.requests.withLock { $0 } == ["direct a"])
            desk.letOneGo()
            try await eventually { desk.waiting == 1 }
            desk.letOneGo()
            let bodies = Self.answers(try await text).map(\.body)
            #expect(
                bodies
                    == [
                        "\"a by anonymous\"", "\"b by anonymous\"", "\"other\"",
                        "\"c by anonymous\"",
                    ])
            #expect(desk.requests.withLock { $0 } == ["direct a", "direct b", "ordinary c"])
        }
    }

    @Test func `what cannot be read behind it is refused after its answer`() async throws {
        let desk = Desk(holds: true)
        try await Door.open({ desk.add(to: $0) }) { door in
            async let text = door.exchange(Self.order("a") + "no request\r\n\r\n")
            try await eventually { desk.waiting == 1 }
            desk.letOneGo()
            #expect(Self.answers(try await text).map(\.status) == [201, 400])
        }
    }

    @Test func `a caller who sends no more still has his answer`() async throws {
        let desk = Desk(holds: true)
        try await Door.open({ desk.add(to: $0) }) { door in
            try await door.connect(halfCloses: true) { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.order("a")))
                outbound.finish()
                try await eventually { desk.waiting == 1 }
                desk.letOneGo()
                var text = ""
                for try await part in inbound { text += String(buffer: part) }
                #expect(Answer(text).status == 201)
            }
        }
    }

    @Test func `a failure has the error's shape, and is no end of the connection`() async throws {
        let desk = Desk()
        try await Door.open({ desk.add(to: $0) }) { door in
            let answers = Self.answers(
                try await door.exchange(Self.order("fail") + Self.last("b")))
            #expect(answers.map(\.status) == [409, 201])
            #expect(answers.first?.body == #"{"detail":"refused"}"#)
        }
    }

    @Test func `who may not is told so as on the ordinary way`() async throws {
        let desk = Desk()
        let lines = [("vera", Role.viewer, "see"), ("otto", .operator, "do")]
            .map { name, role, token in
                TokenSet.Entry(
                    caller: Caller(name: name, role: role), digest: TokenDigest(of: token)
                ).line
            }
        let tokens = try TokenSet(parsing: lines.joined(separator: "\n"))
        try await Door.open(access: AccessGuard(tokens: tokens), { desk.add(to: $0) }) { door in
            let text = try await door.exchange(
                Self.order("c", "Authorization: Bearer do") + Self.order("a")
                    + Self.order("b", "Authorization: Bearer see") + Self.last("d"))
            let answers = Self.answers(text)
            #expect(answers.map(\.status) == [201, 401, 403, 401])
            #expect(answers.first?.body == "\"c by otto\"")
        }
        #expect(desk.requests.withLock { $0 } == ["direct c"])
    }

    @Test func `its client's rate counts, once`() async throws {
        let desk = Desk()
        var limits = RequestLimits()
        limits.rate = 0.01
        limits.burst = 2
        try await Door.open(requests: limits, { desk.add(to: $0) }) { door in
            let text = try await door.exchange(
                (0..<3).map { Self.order("\($0)") }.joined() + Self.last("d"))
            let answers = Self.answers(text)
            #expect(answers.map(\.status) == [201, 201, 429, 429])
            #expect(answers[2].fields["retry-after"] != nil)
        }
    }

    @Test func `its place is given back when it is done, whatever becomes of its connection`()
        async throws
    {
        let desk = Desk(holds: true)
        var limits = RequestLimits()
        limits.atOnce = 1
        try await Door.open(requests: limits, { desk.add(to: $0) }) { door in
            try await door.connect { _, outbound in
                try await outbound.write(ByteBuffer(string: Self.order("a")))
                try await eventually { desk.waiting == 1 }
            }
            #expect(try await door.get("/other").status == 503)
            desk.letOneGo()
            try await eventually("there is room again") {
                try await door.get("/other").status == 200
            }
        }
    }

    @Test func `a shutdown lets it finish, and its answer says that the connection ends`()
        async throws
    {
        let desk = Desk(holds: true)
        try await Door.open({ desk.add(to: $0) }) { door in
            async let text = door.exchange(Self.order("a"))
            try await eventually { desk.waiting == 1 }
            await door.group.triggerGracefulShutdown()
            try await eventually("the door closes") {
                do {
                    _ = try await door.get("/other")
                    return false
                } catch { return true }
            }
            desk.letOneGo()
            let answer = Answer(try await text)
            #expect(answer.status == 201)
            #expect(answer.fields["connection"] == "close")
        }
    }
}
