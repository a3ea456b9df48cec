import TestShop

/// What is no HTTP, or could be understood in two ways.
enum SyntaxRows {
    static var all: [HTTPRow] {
        lines + fields + lengths + chunks + others + tooMuch
    }

    private static let end = "\r\n\r\n"
    private static let get = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    private static var lines: [HTTPRow] {
        let refused = [
            "GET /\r\n", "GET /health\r\n\r\n", "GET /health HTTP/0.9\r\nHost: x\(end)",
            "GET /health HTTP/2.0\r\nHost: x\(end)", "GET /health HTTP/9.9\r\nHost: x\(end)",
            "GET /health HTTP/1.1.1\r\nHost: x\(end)", "GET /health HTTP/1.1 x\r\nHost: x\(end)",
            "GET /health http/1.1\r\nHost: x\(end)", "GET /health HTTQ/1.1\r\nHost: x\(end)",
            "get /health HTTP/1.1\r\nHost: x\(end)", "G@T /health HTTP/1.1\r\nHost: x\(end)",
            "GET\t/health\tHTTP/1.1\r\nHost: x\(end)", "/health HTTP/1.1\r\nHost: x\(end)",
            "GET  HTTP/1.1\r\nHost: x\(end)", "GET /a\u{0}b HTTP/1.1\r\nHost: x\(end)",
            "GET /a\u{1B}[2J HTTP/1.1\r\nHost: x\(end)", "GET /a b HTTP/1.1\r\nHost: x\(end)",
            "FOO /health HTTP/1.1\r\nHost: x\(end)", "GET /health HTTP/1.1\r\rHost: x\(end)",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "QUIT\r\n", "{}\r\n\r\n",
            "AMQP\u{0}\u{0}\u{9}\u{1}\r\n", "\u{0}\u{0}\u{0}\u{0}\r\n",
            "CONNECT evil:443 HTTP/1.1\r\nHost: x\(end)",
        ]
        return refused.map {
            .raw("line \($0.prefix(45).debugDescription)", $0, [0, 400, 404, 405, 408])
        }
            + [
                HTTPRow(
                    "a TLS hello",
                    [[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, 0x0A]],
                    [0, 400]),
                HTTPRow(
                    "bytes", [(0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 167) }], [0, 400]),
            ]
    }

    private static var fields: [HTTPRow] {
        let refused = [
            "Host x", "Host : x", " Host: x", "X y: z", "X\u{0}: y", "X: a\u{0}b", "X: a\rb",
            "X\u{1}: y", ": y", "X(): y", "X: a\r\n folded", "X: a\r\n\tfolded", "X: a\u{1}b",
            "X: a\u{7F}b", "Host: y", "Höst: x",
        ].map { HTTPRow.raw("field \($0.debugDescription)", "\(get)\($0)\(end)", [0, 200, 400]) }
        return refused + [
            .raw("no Host", "GET /health HTTP/1.1\(end)", [400]),
            .raw("two Hosts", "\(get)Host: x\(end)", [400]),
            .raw("bare LF", "GET /health HTTP/1.1\nHost: x\nConnection: close\n\n", [200, 400]),
            .raw("bare CR", "GET /health HTTP/1.1\rHost: x\r\r", [0, 400, 408]),
            .raw(
                "an id that would split a line", "\(get)X-Request-ID: a\u{1B}[2J\(end)",
                [200, 400]),
            .raw(
                "an id of 4 KiB",
                "\(get)X-Request-ID: \(String(repeating: "i", count: 4_096))\(end)", [200]),
            .raw("a traceparent of nonsense", "\(get)traceparent: 00-zz\u{E4}\(end)", [200]),
            .raw("a continuation expected of nobody", "\(get)Expect: nonsense\(end)", [200, 417]),
            .raw(
                "an upgrade to h2c", "\(get)Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\(end)", [200]),
            .raw("an upgrade to a web socket", "\(get)Upgrade: websocket\(end)", [200]),
        ]
    }

    /// Each is a POST whose second half is a request that nobody may see.
    private static func post(_ fields: String..., body: String = "") -> String {
        let head = ["POST /orders HTTP/1.1", "Host: x", "Content-Type: application/json"] + fields
        return head.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static var lengths: [HTTPRow] {
        let smuggled = "GET /accounts HTTP/1.1\r\nHost: x\r\n\r\n"
        return [
            "Content-Length: 2\r\nTransfer-Encoding: chunked",
            "Content-Length: 2\r\nContent-Length: 3",
            "Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2, 2", "Content-Length: 2 2",
            "Content-Length: -1", "Content-Length: +2", "Content-Length: 0x2",
            "Content-Length: 1e1",
            "Content-Length: 2.0", "Content-Length: ", "Content-Length: two",
            "Content-Length: 18446744073709551617", "Content-Length: 99999999999999999999",
            "Transfer-Encoding: identity", "Transfer-Encoding: gzip", "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: \u{B}chunked", "Transfer-Encoding : chunked",
            "Transfer-Encoding: gzip, chunked\r\nContent-Length: 2",
            "Transfer-Encoding: chunked\r\nContent-Length: 0",
        ].map { .raw("length \($0.debugDescription)", post($0, body: "{}\(smuggled)"), [0, 400]) }
            + [
                .raw(
                    "chunks in HTTP/1.0",
                    "POST /orders HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                        + smuggled,
                    [400])
            ]
    }

    private static var chunks: [HTTPRow] {
        [
            "zz\r\n", "-1\r\n{}\r\n", "0x2\r\n{}\r\n0\r\n\r\n", "2 \r\n{}\r\n0\r\n\r\n",
            "2\r\n{}XX0\r\n\r\n", "2\n{}\n0\n\n", "FFFFFFFFFFFFFFFFF\r\n", "\r\n{}\r\n",
            "2;\u{0}=1\r\n{}\r\n0\r\n\r\n", " 2\r\n{}\r\n0\r\n\r\n", "+2\r\n{}\r\n0\r\n\r\n",
            "0\r\nX\u{0}: y\r\n\r\n", "0\r\nX y\r\n\r\n",
        ].map {
            .raw(
                "chunk \($0.debugDescription)",
                post("Transfer-Encoding: chunked", "Connection: close", body: $0), [0, 400, 422])
        }
    }

    private static var others: [HTTPRow] {
        [
            .raw("empty lines first", "\r\n\r\n\(get)\r\n", [200]),
            .raw(
                "an absolute target",
                "GET http://evil/health HTTP/1.1\r\nHost: x\r\nConnection: close\(end)",
                [200, 404]),
            .raw(
                "a target without a slash", "GET health HTTP/1.1\r\nHost: x\(end)",
                [0, 200, 400, 404]),
            .raw("a target that is a query", "GET ?x HTTP/1.1\r\nHost: x\(end)", [0, 400, 404]),
            .raw("a target that is a scheme", "GET a: HTTP/1.1\r\nHost: x\(end)", [0, 400, 404]),
            .raw(
                "a fragment", "GET /health#x HTTP/1.1\r\nHost: x\r\nConnection: close\(end)",
                [200, 400, 404]),
            .raw(
                "OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\(end)",
                [400, 404, 405]),
            .raw(
                "TRACE", "TRACE /health HTTP/1.1\r\nHost: x\r\nConnection: close\(end)",
                [404, 405]),
            .raw("a body with a GET", "\(get)Content-Length: 2\r\n\r\n{}", [200]),
            .raw(
                "a huge body with a GET",
                "\(get)Content-Length: 70000000\r\n\r\n\(String(repeating: "x", count: 70_000))",
                [0, 200]),
            .raw(
                "UTF-8 in a target",
                "GET /accounts/ü/balance HTTP/1.1\r\nHost: x\r\nConnection: close\(end)",
                [0, 400, 404]),
        ]
    }

    private static var tooMuch: [HTTPRow] {
        [Shop.Daemon.gateway, .orders, .payments].flatMap { door -> [HTTPRow] in
            func x(_ count: Int) -> String { String(repeating: "x", count: count) }
            let many = (0..<5_000).map { "X-\($0): y\r\n" }.joined()
            return [
                .raw(
                    "a target of 9 KB", at: door, "GET /\(x(9_000)) HTTP/1.1\r\nHost: x\(end)",
                    [414]),
                .raw(
                    "a target of 1 MB", at: door, "GET /\(x(1_000_000)) HTTP/1.1\r\nHost: x\(end)",
                    [414]),
                .raw("a target without end", at: door, "GET /\(x(1_000_000))", [414]),
                .raw(
                    "a query of 9 KB", at: door,
                    "GET /orders?\(x(9_000)) HTTP/1.1\r\nHost: x\(end)", [414]),
                .raw("a field of 40 KB", at: door, "\(get)X: \(x(40_000))\(end)", [431]),
                .raw("a field of 1 MB", at: door, "\(get)X: \(x(1_000_000))\(end)", [431]),
                .raw("a name of 1 MB", at: door, "\(get)\(x(1_000_000)): y\(end)", [431]),
                .raw("a field without end", at: door, "\(get)X: \(x(1_000_000))", [431]),
                .raw(
                    "101 fields", at: door,
                    get + (0..<99).map { "X-\($0): y\r\n" }.joined() + "\r\n", [431]),
                .raw("5,000 fields", at: door, "\(get)\(many)\r\n", [431]),
                .raw(
                    "a method of 1 MB", at: door, "\(x(1_000_000)) / HTTP/1.1\r\nHost: x\(end)",
                    [0, 400]),
                .raw(
                    "trailers of 1 MB", at: door,
                    post("Transfer-Encoding: chunked", body: "0\r\nX: \(x(1_000_000))\(end)"),
                    [0, 400, 422, 404, 405, 431]),
                .raw(
                    "a chunk extension of 1 MB", at: door,
                    post(
                        "Connection: close", "Transfer-Encoding: chunked",
                        body: "2;\(x(1_000_000))\r\n{}\r\n0\(end)"),
                    [0, 400, 404, 405, 408, 413, 422]),
                // Or 408, where reading them takes longer than a body may.
                .raw(
                    "200,000 chunks of a byte", at: door,
                    "POST /accounts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + String(repeating: "1\r\nx\r\n", count: 200_000), [0, 404, 405, 408, 413]),
            ]
        }
    }
}
