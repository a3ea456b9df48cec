import Synchronization
import TestGateway
import TestSupport
import Testing

/// What can go wrong with a gateway, and the real program in a real terminal in front of it.
@Suite(.timeLimit(.minutes(3)), .serialized, .enabled(if: Terminal.isInstalled, "no tmux here"))
struct FaultTests {
    fileprivate typealias Reply = ScriptedGateway.Reply

    enum Fault: CaseIterable {
        case answers500, answersNonsense, closesMidBody, answersInAnotherShape, staysSilent

        /// What the screen says of it.
        var words: String {
            switch self {
            case .answers500: "500 out of order"
            case .answersNonsense, .answersInAnotherShape: "odd answer"
            case .closesMidBody: "connection broke"
            case .staysSilent: "no answer in time"
            }
        }

        fileprivate var reply: Reply {
            switch self {
            case .answers500: .answer(status: 500, #"{"detail":"out of order"}"#)
            case .answersNonsense: .answer("<html>\u{1B}[2Jhello")
            case .closesMidBody:
                .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"orders\":[".utf8))
            case .answersInAnotherShape: .answer(#"[{"orders":{"next":7}}]"#)
            case .staysSilent: .stall()
            }
        }
    }

    private static let order =
        #"{"order_id":"01a2033e-9796-7000-bcd0-34327d45d9d9","user_id":"ada","amount":5.00,"#
        + #""description":"tea","status":"PAID","created_at":"2026-11-22T12:00:00Z","#
        + #""updated_at":"2026-11-22T12:00:00.012Z"}"#

    /// A shop of one account and one order.
    private static func shop(_ request: ScriptedGateway.Request) -> Reply {
        switch request.line.split(separator: "?").first {
        case "GET /orders": .answer("[\(order)]")
        case "GET /orders/changes": .answer(#"{"orders":[],"next":"1:1:","more":false}"#)
        case "GET /accounts": .answer(#"[{"user_id":"ada","balance":100.00}]"#)
        case "GET /ready":
            .answer(#"{"status":"ready","dependencies":{"orders":{"state":"ok"}}}"#)
        default: .answer("[]")
        }
    }

    /// The screen is alive: it answers a key, and goes back.
    private func expectAlive(_ terminal: Terminal) async throws {
        try await terminal.press("?")
        try await terminal.wait(for: "page down")
        try await terminal.press("Escape")
        try await terminal.wait(until: "Help is closed") { !$0.contains("half a page down") }
    }

    /// The last good data and what is wrong; nothing is said to be well that nobody knows of.
    private func expectLost(_ screen: String) {
        #expect(screen.contains("LOST") && screen.contains("retry") || screen.contains("trying"))
        #expect(screen.contains("✓ PAID"), "the last good data stay")
        #expect(screen.contains("STALE") && screen.contains("OLD"))
        #expect(!screen.contains("✓gateway"))
        #expect(!screen.contains("\u{1B}"))
    }

    @Test(arguments: Fault.allCases)
    func `whatever the gateway answers, the screen lives, says what is wrong, and recovers`(
        fault: Fault
    ) async throws {
        let isFaulty = Mutex(false)
        try await ScriptedGateway.open { request in
            isFaulty.withLock(\.self) ? fault.reply : Self.shop(request)
        } _: { gateway in
            try await Terminal.open(gateway: gateway.url) { terminal in
                // Once its data are whole: their age is told only then.
                try await terminal.wait { $0.contains("✓gateway") && $0.contains("data 0.") }
                isFaulty.withLock { $0 = true }
                let screen = try await terminal.wait { screen in
                    screen.contains(fault.words) && screen.contains("LOST")
                        && !screen.contains("✓gateway")
                }
                expectLost(screen)
                try await expectAlive(terminal)
                isFaulty.withLock { $0 = false }
                // Each of its data comes back by itself, in whatever order.
                try await terminal.wait(until: "all is well again") { screen in
                    screen.contains("LIVE") && screen.contains("✓gateway")
                        && !screen.contains("STALE") && !screen.contains("OLD")
                }
                try await terminal.press("q")
                try await terminal.wait(for: "ended with 0")
            }
        }
    }

    @Test func `a gateway that stops and starts again is waited for`() async throws {
        let port = try freePort()
        try await Terminal.open(gateway: "http://127.0.0.1:\(port)") { terminal in
            try await ScriptedGateway.open(port: port, Self.shop) { _ in
                try await terminal.wait(for: "✓gateway")
            }
            let screen = try await terminal.wait {
                $0.contains("connection refused") && !$0.contains("✓gateway")
            }
            expectLost(screen)
            try await expectAlive(terminal)
            try await ScriptedGateway.open(port: port, Self.shop) { _ in
                try await terminal.wait(for: "LIVE")
                try await terminal.wait(for: "✓gateway")
            }
        }
    }

    @Test func `a gateway that takes three seconds keeps nobody from working`() async throws {
        try await ScriptedGateway.open {
            .later(milliseconds: 3_000, Self.shop($0))
        } _: { gateway in
            try await Terminal.open(gateway: gateway.url) { terminal in
                let start = try await terminal.wait(for: "waiting for the gateway")
                #expect(!start.contains("no orders yet"))
                try await expectAlive(terminal)
                try await terminal.wait(for: "✓ PAID")
                let screen = try await terminal.wait(for: "LIVE 3")
                #expect(!screen.contains("LOST"))
                try await expectAlive(terminal)
            }
        }
    }
}
