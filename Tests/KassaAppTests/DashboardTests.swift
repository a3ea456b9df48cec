import Synchronization
import TestGateway
import TestSupport
import Testing

/// The real program in a real terminal, by keys alone.
@Suite(.timeLimit(.minutes(2)), .enabled(if: Terminal.isInstalled, "tmux is not installed"))
struct DashboardTests {
    private static let id = "01a2033e-9796-7000-bcd0-34327d45d9d9"

    private static func order(_ status: String) -> String {
        #"{"order_id":"\#(id)","user_id":"ada","amount":5.00,"description":"tea","#
            + #""status":"\#(status)","created_at":"2026-11-22T12:00:00Z","#
            + #""updated_at":"2026-11-22T12:00:00.012Z"}"#
    }

    /// A shop whose one order is pending for a look, and paid from the second on.
    private static func shop() -> @Sendable (ScriptedGateway.Request) -> ScriptedGateway.Reply {
        let looks = Mutex<Int?>(nil)
        return { request in
            switch request.line.split(separator: "?").first {
            case "POST /orders":
                looks.withLock { $0 = 0 }
                return .answer(status: 201, order("PENDING"))
            case "GET /orders": return .answer("[]")
            case "GET /orders/changes":
                let look = looks.withLock { looks in
                    looks = looks.map { $0 + 1 }
                    return looks
                }
                let orders = look.map { order($0 > 1 ? "PAID" : "PENDING") } ?? ""
                return .answer(#"{"orders":[\#(orders)],"next":"\#(look ?? 0)","more":false}"#)
            case "GET /accounts": return .answer(#"[{"user_id":"ada","balance":100.00}]"#)
            case "GET /ready": return .answer(#"{"status":"ready","dependencies":{}}"#)
            case "GET /orders/\(id)": return .answer(order("PAID"))
            default: return .answer("[]")
            }
        }
    }

    @Test func `an order is placed by keys, once, and watched until it is paid`() async throws {
        try await ScriptedGateway.open(Self.shop()) { gateway in
            try await Terminal.open(gateway: gateway.url) { terminal in
                try await terminal.wait(for: "LIVE")
                try await terminal.press("o")
                try await terminal.wait(for: "Place order")
                for keys in [["ada", "Tab"], ["5", "Tab"], ["tea", "Tab"], ["Enter"]] {
                    try await terminal.press(keys)
                }
                try await terminal.wait(for: "PAID after 12 ms")
                let posts = gateway.requests.filter { $0.line == "POST /orders" }
                #expect(
                    posts.map(\.body) == [#"{"user_id":"ada","amount":5.00,"description":"tea"}"#])
                #expect(posts.first?.headers["idempotency-key"]?.isEmpty == false)
                try await terminal.press("q")
                try await terminal.wait(for: "ended with 0")
            }
        }
    }

    @Test func `read-only, no form opens`() async throws {
        try await ScriptedGateway.open(Self.shop()) { gateway in
            try await Terminal.open(["--readonly"], gateway: gateway.url) { terminal in
                try await terminal.wait(for: "LIVE")
                try await terminal.press("o")
                let screen = try await terminal.wait(for: "read-only: no changes")
                #expect(!screen.contains("Place order"))
            }
        }
    }

    @Test func `without a gateway it stays, says so, and still ends by a key`() async throws {
        try await Terminal.open(gateway: "http://127.0.0.1:1") { terminal in
            try await terminal.wait(for: "LOST")
            try await terminal.wait(for: "connection refused")
            try await terminal.press("q")
            try await terminal.wait(for: "ended with 0")
        }
    }
}
