import HTTPTypes
import NIOCore
import ServiceHost
import TestSupport
import Testing

@testable import GatewayInfrastructure

/// What gathers while two messages are under way, against a service that answers when it is told.
@Suite(.timeLimit(.minutes(1))) struct RequestGatheringTests {
    /// How a service of a test takes a batch.
    enum Manners { case answers, breaksOff, knowsNone, takesSmaller, takesFewer, isBusy }

    private static func script(_ manners: Manners, _ gate: StartGate) -> ScriptedPeer.Script {
        { connection in
            while let request = try await connection.request() {
                await gate.opened()
                let body =
                    request.firstRange(of: "\r\n\r\n").map { request[$0.upperBound...] } ?? ""
                guard request.hasPrefix("POST /orders/batch ") else {
                    try await connection.send(ScriptedPeer.response("201 Created", String(body)))
                    continue
                }
                switch manners {
                case .answers:
                    let batch = try MessageBatch(parsing: ByteBuffer(string: String(body)))
                    let answers = MessageBatch(
                        batch.messages.map { .init(status: .created, body: $0.body) })
                    try await connection.send(
                        ScriptedPeer.response(
                            "200 OK", String(buffer: answers.encoded),
                            "Content-Type: \(MessageBatch.mediaType)"))
                case .breaksOff: return
                case .knowsNone:
                    try await connection.send(ScriptedPeer.response("404 Not Found"))
                case .takesSmaller:
                    try await connection.send(ScriptedPeer.response("413 Content Too Large"))
                case .takesFewer:
                    try await connection.send(ScriptedPeer.response("400 Bad Request"))
                case .isBusy:
                    try await connection.send(
                        ScriptedPeer.response("503 Service Unavailable", "{}", "Retry-After: 1"))
                }
            }
        }
    }

    private static func request(_ number: Int) -> UpstreamRequest {
        UpstreamRequest(
            method: .post, target: "/orders", headers: [.requestID: "r\(number)"],
            body: ByteBuffer(string: #"{"n":\#(number)}"#))
    }

    /// Two requests are under way when ten more come; then the service begins to answer.
    private static func twelve(
        _ manners: Manners, cancelling: Int? = nil
    ) async throws -> (answers: [Result<UpstreamResponse, any Error>], requests: [String]) {
        let gate = StartGate()
        return try await ScriptedPeer.open(script(manners, gate)) { peer in
            try await withUpstreamClient { client in
                let upstream = Upstream(name: "Orders", url: "http://127.0.0.1:\(peer.port)")
                let gathering = RequestGathering(
                    client: client, upstream: upstream, path: "/orders")
                let start = { (number: Int) in
                    Task {
                        try await gathering.exchange(
                            request(number), ContinuousClock.now + .seconds(50))
                    }
                }
                var tasks: [Task<UpstreamResponse, any Error>] = []
                for number in 0..<2 {
                    tasks.append(start(number))
                    // The next one finds this one under way.
                    try await eventually { peer.requests.count == number + 1 }
                }
                tasks += (2..<12).map(start)
                try await eventually { gathering.waitingCount == 10 }
                if let cancelling {
                    tasks[cancelling].cancel()
                    try await eventually { gathering.waitingCount == 9 }
                }
                gate.open()
                var answers: [Result<UpstreamResponse, any Error>] = []
                for task in tasks { answers.append(await task.result) }
                return (answers, peer.requests)
            }
        }
    }

    private static func text(_ answer: Result<UpstreamResponse, any Error>) throws -> String {
        guard case .whole(let bytes) = try answer.get().body else { return "streamed" }
        return String(buffer: bytes)
    }

    @Test func `who comes alone goes alone, and those who gather go as one, each answered`()
        async throws
    {
        let (answers, requests) = try await Self.twelve(.answers)
        for (number, answer) in answers.enumerated() {
            #expect(try answer.get().status == .created)
            #expect(try Self.text(answer) == #"{"n":\#(number)}"#)
        }
        #expect(requests.count == 3)
        #expect(requests.prefix(2).allSatisfy { $0.hasPrefix("POST /orders HTTP/1.1") })
        for number in 2..<12 { #expect(requests[2].contains("x-request-id: r\(number)\n")) }
    }

    @Test func `a message that breaks off fails for all in it, and is not sent again`()
        async throws
    {
        let (answers, requests) = try await Self.twelve(.breaksOff)
        #expect(try answers.prefix(2).allSatisfy { try $0.get().status == .created })
        for answer in answers.dropFirst(2) {
            let fault = #expect(throws: UpstreamFault.self) { try answer.get() }
            #expect(fault?.kind == .broken)
        }
        #expect(requests.count == 3)
    }

    @Test(arguments: [Manners.knowsNone, .takesSmaller, .takesFewer])
    func `a service that takes no such batch gets each alone, once`(_ manners: Manners) async throws
    {
        let (answers, requests) = try await Self.twelve(manners)
        for (number, answer) in answers.enumerated() {
            #expect(try Self.text(answer) == #"{"n":\#(number)}"#)
        }
        #expect(requests.count == 13)
        for number in 0..<12 {
            #expect(requests.count { $0.hasSuffix(#"\#r\#n\#r\#n{"n":\#(number)}"#) } == 1)
        }
    }

    @Test func `a busy service's refusal reaches all`() async throws {
        let (answers, requests) = try await Self.twelve(.isBusy)
        for answer in answers.dropFirst(2) {
            #expect(try answer.get().status == .serviceUnavailable)
            #expect(try answer.get().headers[.retryAfter] == "1")
        }
        #expect(requests.count == 3)
    }

    @Test func `a request whose caller has gone is not sent`() async throws {
        let (answers, requests) = try await Self.twelve(.answers, cancelling: 5)
        #expect(throws: CancellationError.self) { try answers[5].get() }
        #expect(try Self.text(answers[6]) == #"{"n":6}"#)
        #expect(!requests.joined().contains(#"{"n":5}"#))
    }

    @Test func `what is long, or goes elsewhere, does not gather`() {
        let client = UpstreamClient()
        defer { Task { try await client.shutdown() } }
        let gathering = RequestGathering(
            client: client, upstream: Upstream(name: "Orders", url: "http://127.0.0.1:1"),
            path: "/orders")
        #expect(gathering.takes(Self.request(1)))
        let long = ByteBuffer(repeating: 32, count: 1_025)
        let others = [
            UpstreamRequest(method: .post, target: "/orders", body: long),
            UpstreamRequest(method: .get, target: "/orders"),
            UpstreamRequest(method: .post, target: "/accounts"),
        ]
        for request in others { #expect(!gathering.takes(request)) }
    }
}
