import Glibc
import GatewayInfrastructure
import Testing

@Suite(.timeLimit(.minutes(1))) struct UpstreamFaultTests {
    private static let broken = #"{"detail":"Orders service gave no valid answer"}"#

    @Test func `a service that is not there is 503 with Retry-After, named`() async throws {
        try await Gateway.open { gateway in
            for (method, target, name) in [
                ("GET", "/orders", "Orders"), ("POST", "/orders", "Orders"),
                ("POST", "/accounts?user_id=x", "Payments"),
                ("GET", "/payments/accounts/x/balance", "Payments"),
            ] {
                let answer = try await gateway.call(method, target)
                #expect(answer.status == 503)
                #expect(answer.body == #"{"detail":"\#(name) service is unavailable"}"#)
                #expect(answer.field("Retry-After") == "1")
            }
        }
    }

    @Test func `a POST whose connection breaks is 502 and was sent once`() async throws {
        let script: ScriptedPeer.Script = { connection in _ = try await connection.request() }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("POST", "/orders", body: "{}")
                #expect(answer.status == 502)
                #expect(answer.body == Self.broken)
                #expect(orders.requests.count == 1)
            }
        }
    }

    @Test func `a POST on a kept connection that has gone stale is never sent twice`() async throws
    {
        // Answers once, keeps the connection, and drops it when the next request has come.
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            try await connection.send(ScriptedPeer.response())
            _ = try await connection.request()
        }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let first = try await gateway.call("POST", "/orders", body: #"{"n":1}"#)
                #expect(first.status == 200)
                let second = try await gateway.call("POST", "/orders", body: #"{"n":2}"#)
                #expect(second.status == 502)
                #expect(orders.requests.count { $0.hasSuffix(#"{"n":2}"#) } == 1)
                let third = try await gateway.call("POST", "/orders", body: #"{"n":3}"#)
                #expect(third.status == 200)
                #expect(orders.requests.count == 3)
            }
        }
    }

    @Test func `a GET on a kept connection that has gone stale is sent once more`() async throws {
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            if connection.number > 0 { try await connection.send(ScriptedPeer.response()) }
        }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders")
                #expect(answer.status == 200)
                #expect(orders.requests.count == 2)
            }
        }
    }

    @Test func `a GET that breaks twice is 502`() async throws {
        let script: ScriptedPeer.Script = { connection in _ = try await connection.request() }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders/7")
                #expect(answer.status == 502)
                #expect(orders.requests.count == 2)
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"half\":",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nLoca",
    ])
    func `half an answer and nonsense are 502`(_ bytes: String) async throws {
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            try await connection.send(bytes)
        }
        try await ScriptedPeer.open(script) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("POST", "/orders", body: "{}")
                #expect(answer.status == 502)
                #expect(answer.body == Self.broken)
                #expect(orders.requests.count == 1)
            }
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":"])
    func `a service that falls silent is 504 by the deadline`(_ bytes: String) async throws {
        let script: ScriptedPeer.Script = { connection in
            _ = try await connection.request()
            if !bytes.isEmpty { try await connection.send(bytes) }
            try await connection.untilClosed()
        }
        try await ScriptedPeer.open(script) { orders in
            let deadlines = UpstreamClient.Deadlines(total: .seconds(3))
            try await Gateway.open(orders: orders.port, deadlines: deadlines) { gateway in
                let started = ContinuousClock.now
                let answer = try await gateway.call("POST", "/orders", body: "{}")
                #expect(answer.status == 504)
                #expect(answer.body == #"{"detail":"Orders service did not answer in time"}"#)
                #expect(ContinuousClock.now - started < .seconds(10))
                #expect(orders.requests.count == 1)
            }
        }
    }

    @Test func `a connection that does not come about is 504 by its own deadline`() async throws {
        let hole = try BlackHole()
        let deadlines = UpstreamClient.Deadlines(connect: .milliseconds(200), total: .seconds(20))
        try await Gateway.open(orders: hole.port, deadlines: deadlines) { gateway in
            let started = ContinuousClock.now
            let answer = try await gateway.call("POST", "/orders", body: "{}")
            #expect(answer.status == 504)
            #expect(ContinuousClock.now - started < .seconds(10))
        }
        hole.close()
    }
}

/// A port whose queue of connections is full: the kernel answers no further SYN.
private struct BlackHole {
    let port: Int
    private let descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        try #require(isListening)
        port = Int(UInt16(bigEndian: address.sin_port))
        let target = address
        let fillers = (0..<4).map { _ in
            let filler = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var target = target
            _ = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return filler
        }
        descriptors = [listener] + fillers
    }

    func close() { for descriptor in descriptors { Glibc.close(descriptor) } }
}
