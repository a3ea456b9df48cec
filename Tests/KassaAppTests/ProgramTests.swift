import LocalStack
import Synchronization
import TestGateway
import TestSupport
import Testing

/// The real program as a script sees it: what it prints where, and how it exits.
@Suite(.timeLimit(.minutes(2))) struct ProgramTests {
    private typealias Reply = ScriptedGateway.Reply

    private struct Ending {
        let code: Int
        let output: String
        let errors: String
    }

    private static let id = "01a2033e-9796-7000-bcd0-34327d45d9d9"

    private static func order(_ status: String, updated: Int = 0) -> String {
        #"{"order_id":"\#(id)","user_id":"ada\u001b[2J","amount":42.50,"description":"tea","#
            + #""status":"\#(status)","created_at":"1970-01-01T00:00:00Z","#
            + #""updated_at":"1970-01-01T00:00:00.00\#(updated)Z"}"#
    }

    /// Runs the program by way of a shell, which tells the exit code.
    private static func kassa(
        _ arguments: [String], gateway: String, environment: [String: String] = [:]
    ) async throws -> Ending {
        var variables = ["GATEWAY_URL": gateway, "HOME": "/nonexistent", "LANG": "C.UTF-8"]
        variables.merge(environment) { $1 }
        var command = Command(
            "/bin/sh",
            ["-c", #""$0" "$@"; echo "exit $?""#, try BuiltProgram.path("kassa")] + arguments,
            environment: variables)
        command.endsWithParent = true
        let output = try await command.run(within: .seconds(60))
        var lines = output.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
        _ = lines.popLast()
        let code = lines.popLast().flatMap { Int($0.dropFirst("exit ".count)) }
        return Ending(
            code: try #require(code), output: lines.joined(separator: "\n"),
            errors: output.standardError)
    }

    private func run(_ reply: Reply, _ arguments: String...) async throws -> Ending {
        try await ScriptedGateway.answering(reply) {
            try await Self.kassa(arguments, gateway: $0.url)
        }
    }

    @Test func `a success prints to stdout and is silent on stderr`() async throws {
        let line = try await run(.answer(Self.order("PENDING")), "order", "place", "ada", "42.50")
        #expect(line.code == 0 && line.errors.isEmpty)
        #expect(line.output == "\(Self.id)  ada\u{FFFD}[2J  42.50  PENDING")
        let json = try await run(.answer(Self.order("PENDING")), "order", "show", "x", "--json")
        #expect(json.code == 0 && json.output == Self.order("PENDING"))
    }

    @Test(arguments: [
        (
            Reply.answer(status: 404, #"{"detail":"Order not\u001b found"}"#),
            ["order", "show", "x"], 2
        ),
        (.answer(status: 503, #"{"detail":"down"}"#), ["account", "list"], 3),
        (.raw([]), ["order", "place", "ada", "1"], 4), (.answer("<html>"), ["status"], 3),
        (.answer(status: 422, "{"), ["account", "create", "ada"], 4),
        (.answer("{}"), ["order", "place", "ada", "nothing"], 64), (.answer("{}"), ["frob"], 64),
        (.answer("{}"), ["status", "--token-file", "/nonexistent"], 7),
        (.answer("{}"), ["status", "--gateway", "nonsense"], 7), (.answer("{}"), [], 6),
    ])
    func `a failure is one line on stderr, and its exit code says its kind`(
        reply: ScriptedGateway.Reply, arguments: [String], code: Int
    ) async throws {
        let ending = try await ScriptedGateway.answering(reply) {
            try await Self.kassa(arguments, gateway: $0.url)
        }
        #expect(ending.code == code)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.hasPrefix("kassa: ") && ending.errors.hasSuffix("\n"))
        #expect(ending.errors.count { $0 == "\n" } == 1)
        #expect(!ending.errors.utf8.contains(0x1B))
    }

    @Test func `a gateway that is not there is named, with what to do`() async throws {
        let ending = try await Self.kassa(["status"], gateway: "http://127.0.0.1:1")
        #expect(ending.code == 3)
        #expect(
            ending.errors
                == "kassa: cannot reach the gateway at http://127.0.0.1:1: connection refused; "
                + "is it running? (--gateway or GATEWAY_URL names another)\n")
    }

    @Test(arguments: [("PAID", 0), ("FAILED", 1)])
    func `placing with --wait ends with the order`(end: String, code: Int) async throws {
        let asked = Counter()
        let ending = try await ScriptedGateway.open { request in
            if request.line == "POST /orders" { return .answer(Self.order("PENDING")) }
            // The first look meets trouble, the second finds it pending: both are waited out.
            switch asked.next() {
            case 1: return .answer(status: 503, "{}")
            case 2: return .answer(Self.order("PENDING"))
            default: return .answer(Self.order(end, updated: 7))
            }
        } _: {
            try await Self.kassa(["order", "place", "ada", "1", "--wait"], gateway: $0.url)
        }
        #expect(ending.code == code)
        #expect(ending.output.contains(end) && ending.output.hasSuffix("7 ms"))
    }

    @Test func `an order that stays pending is told apart`() async throws {
        let ending = try await run(
            .answer(Self.order("PENDING")), "order", "place", "ada", "1", "--wait", "--timeout", "1"
        )
        #expect(ending.code == 5)
        #expect(ending.output.contains("PENDING"))
        #expect(ending.errors.contains("kassa order watch \(Self.id)"))
    }

    @Test func `watching prints each transition once, through an outage, and ends with it`()
        async throws
    {
        let asked = Counter()
        let pending = Self.order("PENDING")
        let ending = try await ScriptedGateway.open { request in
            guard request.line.hasPrefix("GET /orders/changes") else { return .answer(pending) }
            let page = { (orders: String, next: Int) in
                Reply.answer(#"{"orders":[\#(orders)],"next":"\#(next):\#(next):","more":false}"#)
            }
            switch asked.next() {
            case 1: return page("", 1)
            case 2: return page(pending, 2)
            case 3: return .answer(status: 503, #"{"detail":"Orders service is unavailable"}"#)
            default: return page("\(pending),\(Self.order("FAILED", updated: 7))", 3)
            }
        } _: {
            try await Self.kassa(["order", "watch", Self.id], gateway: $0.url)
        }
        #expect(ending.code == 1)
        let lines = ending.output.split(separator: "\n")
        #expect(lines.map { $0.contains("PENDING") } == [true, false])
        #expect(ending.errors.split(separator: "\n").count == 2, "lost, and back")
    }

    @Test func `one picture is text without a single escape`() async throws {
        let hostile = Self.order("PAID").replacing("tea", with: #"\u001b]0;x\u0007\u202e"#)
        let ending = try await ScriptedGateway.open { request in
            switch request.line.split(separator: "?").first {
            case "GET /orders": .answer("[\(hostile)]")
            case "GET /orders/changes": .answer(#"{"orders":[],"next":"1:1:","more":false}"#)
            case "GET /accounts": .answer(#"[{"user_id":"ada\u001b[31m","balance":1.00}]"#)
            default: .answer(#"{"status":"ready","dependencies":{}}"#)
            }
        } _: {
            try await Self.kassa(["dashboard", "--once", "--size", "100x30"], gateway: $0.url)
        }
        #expect(ending.code == 0 && ending.errors.isEmpty)
        #expect(ending.output.contains("PAID"))
        #expect(ending.output.utf8.allSatisfy { $0 == 0x0A || $0 >= 0x20 && $0 != 0x7F })
    }

    @Test func `a configuration that is wrong is named with its file`() async throws {
        let ending = try await Self.kassa(
            ["status"], gateway: "http://127.0.0.1:1",
            environment: ["XDG_CONFIG_HOME": "/dev/null"])
        #expect(ending.code == 7)
        #expect(ending.errors.contains("/dev/null/kassa/config.json"))
    }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
