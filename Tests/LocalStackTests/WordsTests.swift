@testable import LocalStack
import Testing

@Suite struct WordsTests {
    @Test(arguments: [
        ("amqp://kassa:s3cret@127.0.0.1:5672/", "amqp://kassa:***@127.0.0.1:5672/"),
        ("postgresql://o:a@b:c@host/db", "postgresql://o:***@host/db"),
        ("postgresql://o@host/db", "postgresql://o@host/db"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("", ""),
    ])
    func `a URL is printed without its password`(url: String, printed: String) {
        #expect(url.withoutPassword == printed)
    }

    @Test func `servers of the caller's own replace ours one by one`() {
        let choice = ServerChoice(environment: [
            "ORDERS_DATABASE_URL": "postgresql://o:s3cret@h/o", "BROKER_URL": "",
        ])
        #expect(choice.needsPostgres)
        #expect(choice.needsBroker)
        #expect(choice.notes == ["orders uses postgresql://o:***@h/o (ORDERS_DATABASE_URL)"])
        let all = ServerChoice(environment: [
            "ORDERS_DATABASE_URL": "a", "PAYMENTS_DATABASE_URL": "b", "BROKER_URL": "c",
        ])
        #expect(!all.needsPostgres)
        #expect(!all.needsBroker)
    }

    @Test func `the stack's own addresses in the caller's shell ask for nothing else`() {
        let choice = ServerChoice(
            environment: [
                "ORDERS_DATABASE_URL": "postgresql://orders:own1@127.0.0.1:54320/orders",
                "BROKER_URL": "amqp://kassa:other@127.0.0.1:56720/",
            ], ownPasswords: ["own1", "own2"])
        #expect(choice.ordersDatabase == nil)
        #expect(choice.broker != nil)
    }

    @Test func `exports name what exists and nothing else`() {
        var addresses = StackAddresses()
        addresses.broker = "amqp://x"
        #expect(
            addresses.exports.map(\.name) == [
                "ORDERS_DATABASE_URL", "PAYMENTS_DATABASE_URL", "BROKER_URL",
            ])
    }

    @Test func `of the end of a log the line that tells why is shown`() {
        let log = "starting\nFATAL:  could not bind\nHINT:  somebody else\n\n}\n"
        #expect(LogTail.lastLine(in: log) == "FATAL:  could not bind")
        #expect(LogTail.lastLine(in: "one\ntwo\n") == "two")
        #expect(LogTail.lastLine(in: "") == nil)
        #expect(LogTail.lastLine(in: String(repeating: "x", count: 999))?.count == 300)
    }

    @Test func `a process name may hold anything`() throws {
        let line =
            "42 (a) b (S) 7) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123456 0 0 0"
        let fields = try #require(ProcessIdentity.fields(of: line))
        #expect(fields.state == "S")
        #expect(fields.parent == 7)
        #expect(fields.startTime == 123_456)
        #expect(ProcessIdentity.fields(of: "42 (x") == nil)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n{}", Health.healthy),
        ("HTTP/1.1 503 No\r\nA: b\r\n\r\nno broker", .unhealthy("503 no broker")),
        ("HTTP/1.1 500", .unhealthy("500 ")),
        ("SSH-2.0", .unhealthy("does not speak HTTP")),
    ])
    func `only 200 is healthy`(answer: String, health: Health) {
        #expect(HealthProbe.health(of: answer) == health)
    }

    @Test func `of the kernel's table only listeners on the port count`() {
        let table = """
            sl local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
               0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 4711
               1: 0100007F:1F40 0100007F:9999 01 00000000:00000000 00:00000000 00000000 1000 0 4712
               2: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 4713
            """
        #expect(Listening.inodes(listeningOn: 8_000, in: table) == ["4711"])
    }

    @Test func `a port where nobody listens is unhealthy at once`() async throws {
        #expect(try await HealthProbe.http(port: FreePort.any()) == .unhealthy("nobody listens"))
        #expect(try await HealthProbe.amqp(port: FreePort.any()) == .unhealthy("nobody listens"))
    }

    @Test func `secrets are long, different and need no quotes`() {
        let secrets = (0..<50).map { _ in Secret.random() }
        #expect(Set(secrets).count == 50)
        #expect(secrets.allSatisfy { $0.count == 33 && $0.allSatisfy(\.isASCIIAlphanumeric) })
    }

    @Test func `waits grow to their bound, and a long life is forgiven`() {
        var delays = RestartDelays()
        var generator = SystemRandomNumberGenerator()
        var full = RestartDelays.first
        for _ in 0..<20 {
            let delay = delays.next(afterLiving: .zero, using: &generator)
            #expect(delay >= full / 2 && delay <= full)
            full = min(full * 2, RestartDelays.longest)
        }
        let forgiven = delays.next(afterLiving: .seconds(31), using: &generator)
        #expect(forgiven <= RestartDelays.first)
    }
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
