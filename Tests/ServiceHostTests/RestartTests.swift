import Glibc
import JSON
import LocalStack
import Logging
import NIOCore
import ServiceHost
import ServiceLifecycle
import Testing

/// A restart that refuses nobody: sockets that outlive the daemon, and a shutdown that drains.
@Suite(.timeLimit(.minutes(1))) struct RestartTests {
    /// A socket as systemd holds it: bound, listening, and still there when a door has gone.
    private final class HeldSocket: Sendable {
        let descriptor: Int32
        let port: Int

        init() throws {
            let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
            descriptor = socket(AF_INET, Int32(bitPattern: kind), 0)
            // As systemd sets it: an earlier run's connections may linger in TIME_WAIT.
            var yes: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
            port = try FreePort.any()
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
            let isHeld = address.withSockAddr { [descriptor] address, size in
                bind(descriptor, address, socklen_t(size)) == 0 && listen(descriptor, 64) == 0
            }
            try #require(isHeld)
        }

        deinit { close(descriptor) }

        /// What a daemon is given.
        func passed() throws -> InheritedSocket { try InheritedSocket(taking: dup(descriptor)) }
    }

    @Test func `a door serves on the socket it was given, and the next one goes on with it`()
        async throws
    {
        let held = try HeldSocket()
        for _ in 0..<2 {
            let given = try held.passed()
            #expect(given.address == "127.0.0.1")
            try await Door.open(inherited: given) { door in
                #expect(door.port == held.port)
                let answer = try await door.get("/health")
                #expect(answer.status == 200)
            }
        }
        // Between two doors a caller is not refused: it waits.
        let logger = Logger(label: "test")
        let caller = Door(port: held.port, group: ServiceGroup(services: [], logger: logger))
        let early = Task { try await caller.get("/health") }
        let answer = try await Door.open(inherited: held.passed()) { _ in try await early.value }
        #expect(answer.status == 200)
    }

    @Test func `on a socket that it was given a door lets callers wait for the start`() async throws
    {
        let held = try HeldSocket()
        let (gate, answered) = (StartGate(), StartGate())
        let caller = Door(
            port: held.port, group: ServiceGroup(services: [], logger: Logger(label: "test")))
        let early = Task {
            let answer = try await caller.get("/health")
            answered.open()
            return answer
        }
        let serving = Task {
            try await Door.open(inherited: held.passed(), gate: gate) { _ in
                try await early.value
            }
        }
        // Without the wait the answer is there in some milliseconds.
        #expect(try await !poll(within: .milliseconds(300)) { answered.isOpen })
        gate.open()
        #expect(try await serving.value.status == 200)
    }

    @Test func `what does not listen is refused, and so is another process's socket`() throws {
        let pair = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(pair) }
        #expect(throws: StartFailure.self) { try InheritedSocket(taking: pair) }
        let others = ["LISTEN_PID": "1", "LISTEN_FDS": "1"]
        #expect(try InheritedSocket.passed { others[$0] } == nil)
        #expect(try InheritedSocket.passed { _ in nil } == nil)
        let many = ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2"]
        #expect(throws: StartFailure.self) { try InheritedSocket.passed { many[$0] } }
    }

    @Test func `in a shutdown a connection that lies idle still brings its request`() async throws {
        var limits = HTTPServer.Limits()
        limits.drainGrace = .seconds(20)
        let answers = try await Door.open(limits: limits) { door in
            try await door.connect { inbound, outbound in
                let request = ByteBuffer(string: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                var parts = inbound.makeAsyncIterator()
                var answers: [String] = []
                repeat {
                    if answers.count == 1 {
                        // The door has closed when it takes no connection any more; its connections
                        // hear of it a moment later, each on its own event loop.
                        await door.group.triggerGracefulShutdown()
                        while let answer = try? await door.get("/health"), answer.status == 200 {}
                    }
                    try await outbound.write(request)
                    var received = ""
                    while !received.hasSuffix("}"), let part = try await parts.next() {
                        received += String(buffer: part)
                    }
                    answers.append(received)
                } while answers.count < 2 || !answers[answers.count - 1].isLast
                #expect(try await parts.next() == nil)
                return answers
            }
        }
        #expect(answers.count > 1)
        #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
        #expect(answers.first?.isLast == false && answers.last?.isLast == true)
    }

    @Test func `in a shutdown a connection that stays idle is closed after its grace`() async throws
    {
        var limits = HTTPServer.Limits()
        limits.drainGrace = .milliseconds(100)
        let end = try await Door.open(limits: limits) { door in
            try await door.connect { inbound, outbound in
                // Answered once, it is no longer in the queue of a socket that is about to close.
                try await outbound.write(
                    ByteBuffer(string: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"))
                var parts = inbound.makeAsyncIterator()
                _ = try await parts.next()
                await door.group.triggerGracefulShutdown()
                while try await parts.next() != nil {}
                return "closed"
            }
        }
        #expect(end == "closed")
    }
}

extension String {
    /// Whether this answer says that it is the connection's last, or the connection has ended.
    fileprivate var isLast: Bool { isEmpty || lowercased().contains("connection: close") }
}
