import KassaClient
import SharedKernel
import TestGateway
import Testing

/// Whatever a server does, a call ends in time with a value that says what is known.
@Suite(.timeLimit(.minutes(1))) struct FailureTests {
    private typealias Reply = ScriptedGateway.Reply

    /// How a question and a placing end against a gateway that always replies the same.
    private func failures(
        _ reply: Reply, deadline: Duration = .seconds(30)
    ) async throws -> (get: CallFailure?, post: CallFailure?, requests: Int) {
        try await ScriptedGateway.answering(reply) { gateway in
            let client = GatewayClient(.init(url: gateway.url, deadline: deadline))
            let get = await client.failure { client throws(CallFailure) in
                _ = try await client.order("01a2033e-9796-7000-bcd0-34327d45d9d9")
            }
            let post = await client.failure { client throws(CallFailure) in
                _ = try await client.placeOrder(
                    user: "ada", amount: Money(minorUnits: 1), description: "", key: "k")
            }
            await client.shutdown()
            return (get, post, gateway.requests.count)
        }
    }

    @Test func `a refusal is told field by field, in words that a terminal may show`()
        async throws
    {
        let body = #"""
            {"detail":[{"loc":["body","amount"],"msg":"Input should be \u001b"},
            {"loc":["body"],"msg":"Field required"},{"strange":1}]}
            """#
        let (get, post, _) = try await failures(.answer(status: 422, body))
        #expect(get?.kind == .refused && post?.kind == .refused)
        #expect(post?.isOutcomeUnknown == false)
        #expect(
            post?.fields == [
                .init(field: "amount", message: "Input should be \u{FFFD}"),
                .init(field: "", message: "Field required"),
            ])
        #expect(post?.message == "amount: Input should be \u{FFFD}; Field required")
    }

    @Test(arguments: [
        (404, #"{"detail":"Order not found"}"#, CallFailure.Kind.refused, false),
        (409, #"{"detail":"still under way"}"#, .serverTrouble, true),
        (429, #"{"detail":"slow down"}"#, .serverTrouble, false),
        (408, #"{"detail":"late"}"#, .serverTrouble, true),
        (500, #"{"detail":"Internal Server Error"}"#, .serverTrouble, true),
        (503, #"{"detail":"Orders service is unavailable"}"#, .serverTrouble, true),
        (504, "<html>", .serverTrouble, true), (404, "<html>", .nonsense, true),
        (302, "", .nonsense, true), (418, #"{"detail":{"a":1}}"#, .nonsense, true),
    ])
    func `a status says whether a POST may have been carried out`(
        status: Int, body: String, kind: CallFailure.Kind, isUnknown: Bool
    ) async throws {
        let headers = ["Retry-After: 7", "Location: /elsewhere"]
        let (get, post, requests) = try await failures(
            .answer(status: status, body, headers: headers))
        #expect(get?.kind == kind && post?.kind == kind)
        #expect(get?.status == status)
        #expect(get?.isOutcomeUnknown == false, "a question changes nothing")
        #expect(post?.isOutcomeUnknown == isUnknown)
        #expect(post?.retryAfter == (kind == .serverTrouble ? 7 : nil))
        #expect(requests == 2, "nothing is sent a second time")
    }

    @Test func `a 409 without Retry-After is a refusal, with one the first try is still open`()
        async throws
    {
        let (_, exists, _) = try await failures(.answer(status: 409, #"{"detail":"exists"}"#))
        #expect(exists?.kind == .refused)
        #expect(exists?.isOutcomeUnknown == false)
        let (_, busy, _) = try await failures(
            .answer(status: 409, #"{"detail":"busy"}"#, headers: ["Retry-After: 1"]))
        #expect(busy?.kind == .serverTrouble)
        #expect(busy?.isOutcomeUnknown == true)
        #expect(busy?.retryAfter == 1)
    }

    @Test(arguments: [
        "", "{", "null", "[]", "{}", "\"x\"", "[[[[[[[[[[[[[[[[[[[[[[[[", "{\"order_id\":7}",
        "\u{0}",
        order(amount: "1e99", at: "2026-11-22T12:32:43Z"),
        order(amount: #""1""#, at: "2026-11-22T12:32:43Z"),
        order(amount: "1", at: "yesterday"),
    ])
    func `an answer outside the contract is nonsense`(body: String) async throws {
        let (get, post, _) = try await failures(.answer(body))
        #expect(get?.kind == .nonsense && post?.kind == .nonsense)
        #expect(post?.isOutcomeUnknown == true)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"order", "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\n",
    ])
    func `a connection that breaks off leaves a POST unknown and is not tried again`(
        bytes: String
    ) async throws {
        let (get, post, requests) = try await failures(.raw(Array(bytes.utf8)))
        #expect(get?.kind == .broken)
        #expect(post?.kind == .broken && post?.isOutcomeUnknown == true)
        #expect(requests == 2)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"order"])
    func `silence ends at the deadline, before the head and in the body`(
        bytes: String
    ) async throws {
        let start = ContinuousClock.now
        let (get, post, _) = try await failures(
            .stall(Array(bytes.utf8)), deadline: .milliseconds(200))
        #expect(get?.kind == .timedOut)
        #expect(post?.kind == .timedOut && post?.isOutcomeUnknown == true)
        #expect(.now - start < .seconds(10))
    }

    @Test func `an answer without end is cut off`() async throws {
        let endless = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
        let bytes = Array(endless.utf8) + [UInt8](repeating: 0x20, count: 9_000_000)
        let (get, _, _) = try await failures(.raw(bytes))
        #expect(get?.kind == .broken)
    }

    @Test(arguments: ["http://127.0.0.1:1", "http://", "nonsense", "http://[::"])
    func `where nobody listens nothing was sent`(url: String) async throws {
        let client = GatewayClient(.init(url: url))
        let failure = await client.failure { client throws(CallFailure) in
            _ = try await client.deposit(Money(minorUnits: 1), to: "ada", key: "k")
        }
        await client.shutdown()
        #expect(failure?.kind == .unreachable)
        #expect(failure?.isOutcomeUnknown == false)
    }

    @Test func `no random answer traps`() async throws {
        var generator = Lottery(state: 7)
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"", "\\u00", "order_id", "amount", "1e9", "null", "-",
            "\u{1B}", "é", "\u{0}", "{\"detail\":", "[{\"loc\":[", "\"msg\":",
            "9999999999999999999999",
        ]
        let bodies = (0..<300).map { _ in
            (0..<Int.random(in: 0...30, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
        }
        let replies = bodies.map { body in
            Reply.answer(
                status: [200, 404, 422, 500].randomElement(using: &generator) ?? 200, body)
        }
        for reply in replies {
            let (get, post, _) = try await failures(reply)
            #expect(get != nil && post != nil)
        }
    }
}

/// SplitMix64: the same answers in every run.
private struct Lottery: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ (mixed >> 27)
    }
}

extension GatewayClient {
    fileprivate func failure(
        _ call: (GatewayClient) async throws(CallFailure) -> Void
    ) async -> CallFailure? {
        do throws(CallFailure) {
            try await call(self)
            return nil
        } catch {
            return error
        }
    }
}

/// An order that is right but for what is given.
private func order(amount: String, at moment: String) -> String {
    #"{"order_id":"01a2033e-9796-7000-bcd0-34327d45d9d9","user_id":"a","amount":\#(amount),"#
        + #""description":"","status":"PAID","created_at":"\#(moment)","#
        + #""updated_at":"2026-11-22T12:32:43Z"}"#
}
