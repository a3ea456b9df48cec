import Glibc
import JSON
import Logging
import ServiceHost
import Synchronization
import Testing

@Suite struct ReadinessTests {
    @Test func `a daemon is ready once everything it needs is there`() {
        let readiness = Readiness(dependencies: ["database", "broker"])
        #expect(!readiness.isReady)
        readiness.set("database", .ok)
        #expect(!readiness.isReady)
        readiness.set("broker", .ok)
        #expect(readiness.isReady)
        readiness.set("broker", .down("connection refused"))
        #expect(!readiness.isReady)
    }

    @Test func `the report names each dependency, its state and why`() {
        let readiness = Readiness(dependencies: ["database", "broker"])
        readiness.set("database", .ok)
        readiness.set("broker", .waiting("connection refused"))
        #expect(
            readiness.report().json.text
                == #"{"status":"not_ready","dependencies":{"database":{"state":"ok"},"#
                + #""broker":{"state":"waiting","detail":"connection refused"}}}"#)
    }

    @Test func `a daemon that stops is not ready any more`() {
        let readiness = Readiness()
        #expect(readiness.isReady)
        readiness.stop()
        #expect(!readiness.isReady)
        #expect(readiness.report().dependencies.map(\.state) == [.down("shutting down")])
    }

    private struct Refused: Error, CustomStringConvertible {
        var description: String { "connection refused" }
    }

    @Test func `waiting tells readiness why, and ends when the thing is there`() async throws {
        let readiness = Readiness(dependencies: ["database"])
        let attempts = Mutex(0)
        let seen = Mutex<[DependencyState]>([])
        try await waitUntilAvailable(
            "database", readiness: readiness, logger: Logger(label: "test"),
            retryDelay: .milliseconds(1) ... .milliseconds(2)
        ) {
            seen.withLock { $0.append(readiness.report().dependencies[0].state) }
            if attempts.withLock({
                $0 += 1; return $0
            }) < 3 {
                throw Refused()
            }
        }
        #expect(attempts.withLock(\.self) == 3)
        #expect(
            seen.withLock(\.self) == [
                .waiting("not tried yet"), .waiting("connection refused"),
                .waiting("connection refused"),
            ])
        #expect(readiness.isReady)
    }

    @Test func `waiting ends when it is cancelled`() async throws {
        let readiness = Readiness(dependencies: ["database"])
        let (attempts, continuation) = AsyncStream.makeStream(of: Void.self)
        let waiting = Task {
            try await waitUntilAvailable(
                "database", readiness: readiness, logger: Logger(label: "test"),
                retryDelay: .seconds(60) ... .seconds(60)
            ) {
                continuation.yield()
                throw Refused()
            }
        }
        for await _ in attempts { break }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func `systemd is told in one datagram`() throws {
        let path = "/tmp/kassa-notify-\(UInt32.random(in: 0...UInt32.max))"
        defer { unlink(path) }
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(receiver, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        ServiceNotifier(path: path).notify(.status("waiting\nfor database"))
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(receiver, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        try #require(count > 0)
        #expect(
            String(decoding: buffer[..<count], as: UTF8.self) == "STATUS=waiting for database")
        ServiceNotifier(path: nil).notify(.ready)
        ServiceNotifier(path: "/nowhere").notify(.ready)
    }
}
