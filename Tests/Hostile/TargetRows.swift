import TestShop

/// Paths and queries that name nothing, or try to name something else.
enum TargetRows {
    static var all: [HTTPRow] {
        [Shop.Daemon.gateway, .payments].flatMap { accounts(at: $0) + queries(at: $0) }
            + [Shop.Daemon.gateway, .orders].flatMap { orders(at: $0) }
    }

    /// What a user id in a path may be, encoded, where nobody has it.
    private static let segments = [
        "%2F", "%2e%2e", "%2E%2E%2F", "..%2f..%2fhealth", "%5c..%5c", "%00", "nobody%00", "%0d%0a",
        "x%0d%0aSet-Cookie:%20a=b", "%0aGET%20/", "%FF", "%C0%AF", "%ED%A0%80", "%C3", "%", "%2",
        "%zz", "%u0041", "%252F", "%25", ";a=b", "nobody;", "%3F", "%23", "'%20OR%201=1--",
        "%27;DROP%20TABLE%20accounts;--", "%1B%5B2J", "%C2%9B", "%E2%80%AE", "*", "$%7Bjndi:x%7D",
        String(repeating: "u", count: 129), String(repeating: "%41", count: 500),
    ]

    private static func accounts(at door: Shop.Daemon) -> [HTTPRow] {
        segments.flatMap { segment in
            [
                HTTPRow(
                    "balance of \(segment.prefix(40))", at: door, "GET",
                    "/accounts/\(segment)/balance", [404]),
                HTTPRow(
                    "deposit to \(segment.prefix(40))", at: door, "POST",
                    "/accounts/\(segment)/deposit", body: Array(#"{"amount":1}"#.utf8), [404]),
            ]
        } + [
            HTTPRow("steps in a path", at: door, "GET", "/accounts/../health", [404, 405]),
            HTTPRow("a step encoded", at: door, "GET", "/accounts/%2e%2e/health", [404]),
            HTTPRow("slashes", at: door, "GET", "//accounts//x//balance//", [404]),
            HTTPRow("a segment too many", at: door, "GET", "/accounts/x/balance/y", [404]),
            HTTPRow("another method", at: door, "DELETE", "/accounts/x/balance", [405]),
            HTTPRow("no method of ours", at: door, "PROPFIND", "/accounts", [405]),
        ]
    }

    private static func queries(at door: Shop.Daemon) -> [HTTPRow] {
        [
            "%FF", "%C3", "%ED%A0%80", "%00", "a%00", "%0d%0a", "", "%E2%80%AE", "%C2%85", "%1b",
            "%zz", "%", String(repeating: "u", count: 129),
        ].map { user in
            HTTPRow(
                "account of \(user.prefix(40))", at: door, "POST", "/accounts?user_id=\(user)",
                [422])
        }
            + [
                "limit=0", "limit=-1", "limit=1001", "limit=abc", "limit=1e3", "limit=%FF",
                "limit=",
                "limit=99999999999999999999", "limit=1%00", "limit=0x10", "limit=+5", "before=%FF",
                "before=%00",
            ].map { HTTPRow("accounts?\($0)", at: door, "GET", "/accounts?\($0)", [422]) }
            + [
                "limit=5&limit=6", "&&&", "=", "x=%FF&limit=5", "%FF=x", "limit=5&x[]=1",
                "?limit=5",
                String(repeating: "a=b&", count: 1_500),
            ].map {
                HTTPRow(
                    "accounts?\($0.prefix(40))", at: door, "GET", "/accounts?\($0)", [200, 422])
            }
    }

    private static func orders(at door: Shop.Daemon) -> [HTTPRow] {
        segments.map {
            HTTPRow("order \($0.prefix(40))", at: door, "GET", "/orders/\($0)", [404])
        }
            + [
                "status=PAYED", "status=paid", "status=", "status=%FF", "limit=0", "limit=1001",
                "before=x", "before=%00", "before=", "user_id=%FF", "user_id=%00", "user_id=",
                "user_id=\(String(repeating: "u", count: 129))",
            ].map { HTTPRow("orders?\($0.prefix(40))", at: door, "GET", "/orders?\($0)", [422]) }
            + [
                "after=x", "after=%FF", "after=-1", "after=\(String(repeating: "1", count: 4_000))",
                "limit=0",
            ].map {
                HTTPRow(
                    "changes?\($0.prefix(40))", at: door, "GET", "/orders/changes?\($0)", [422])
            }
    }
}
