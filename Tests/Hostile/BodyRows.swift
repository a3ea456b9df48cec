import TestShop

/// Bodies of `POST /orders` that are no order.
enum BodyRows {
    static var all: [HTTPRow] {
        [.gateway, .orders].flatMap { door in
            (notJSON + notAnOrder).map { name, body in
                HTTPRow(name, at: door, "POST", "/orders", body: body, [422])
            }
        } + types + sizes
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func order(
        user: String = #""ann""#, amount: String = "1", more: String = ""
    ) -> [UInt8] {
        text(#"{"user_id":\#(user),"amount":\#(amount)\#(more)}"#)
    }

    private static func order(userBytes: [UInt8]) -> [UInt8] {
        text(#"{"user_id":""#) + userBytes + text(#"","amount":1}"#)
    }

    /// What no reader of JSON may take.
    static var notJSON: [(String, [UInt8])] {
        let texts = [
            "{", "}", "[", "]", "nul", "True", "'a'", "{'a':1}", #"{"a"}"#, #"{"a":}"#,
            #"{"a":1,}"#, "[1,]", "{,}", "[,]", "1 2", "{} {}", "// x\n{}", "/* */{}", "NaN",
            "Infinity", "-Infinity", "0x10", "01", "1.", ".5", "+1", "1e", "1e+", "-", "\"a",
            "\"a\\", #""\x""#, #""\u12""#, #""\ud800""#, #""\udc00\ud800""#, #"{"a":1 "b":2}"#,
            #"{"user_id":"a","user_id":"b","amount":1}"#, #"{"amount":1,"amount":1}"#,
            #"{"user_id":"a","user\u005fid":"b","amount":1}"#, "\u{FEFF}{}", "undefined", "{a:1}",
            "\u{0}", "{}\u{0}", "\u{1}", "\"\t\"", "\"\n\"", "=", "<order/>",
            "user_id=ann&amount=1",
        ]
        let bytes: [(String, [UInt8])] = [
            ("a lone FF", [0xFF]), ("an overlong slash", order(userBytes: [0xC0, 0xAF])),
            ("an overlong NUL", order(userBytes: [0xC0, 0x80])),
            ("a surrogate in UTF-8", order(userBytes: [0xED, 0xA0, 0x80])),
            ("beyond U+10FFFF", order(userBytes: [0xF4, 0x90, 0x80, 0x80])),
            ("half a character", order(userBytes: [0xC3])),
            ("a continuation alone", order(userBytes: [0x80])),
            ("latin-1", order(userBytes: [0x6D, 0xFC, 0x6C])),
            ("UTF-16", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]),
            ("a raw NUL in a text", order(userBytes: [0x61, 0x00, 0x62])),
            ("a raw ESC in a text", order(userBytes: [0x1B, 0x5B, 0x32, 0x4A])),
        ]
        let deep: [(String, [UInt8])] = [17, 500, 12_000].flatMap { depth in
            [
                ("\(depth) arrays", text(String(repeating: "[", count: depth))),
                (
                    "\(depth) arrays, closed",
                    text(
                        String(repeating: "[", count: depth)
                            + String(repeating: "]", count: depth))
                ),
                ("\(depth) objects", text(String(repeating: #"{"":"#, count: depth))),
            ]
        }
        return texts.map { ("no JSON: \($0.debugDescription)", text($0)) } + bytes + deep
    }

    /// JSON that is no order.
    static var notAnOrder: [(String, [UInt8])] {
        let bodies = [
            "null", "true", "1", "\"x\"", "[]", "[{}]", "{}", #"{"user_id":"ann"}"#,
            #"{"amount":1}"#,
        ]
        let users = [
            "null", "1", "true", "[]", "{}", #""""#, #""a\u0000b""#, #""\u001b[2J""#, #""\u007f""#,
            #""\u0085""#, #""\u009b""#, #""\u202e""#, #""\u2066""#, #""\r\n""#, #""\t""#,
            "\"\(String(repeating: "u", count: 129))\"", "\"\(String(repeating: "ü", count: 65))\"",
            "\"\(String(repeating: "u", count: 60_000))\"",
        ]
        let amounts = [
            "null", "true", "[]", "{}", #""""#, #""abc""#, #""NaN""#, #""Infinity""#, #""1,5""#,
            #"" 1""#, #""1 ""#, #""0x1""#, #""1_000""#, #""١""#, #""1e400""#, #""--1""#,
            #""1\u0000""#,
            "0", "-0", "-1", "0.001", "0.009", "1.005", "10000000000", "9999999999.995",
            "1e308", "1e309", "1e-400", "9e99999999", "1e999999999999999999", "-1e400",
            String(repeating: "9", count: 400), String(repeating: "9", count: 60_000),
            "0.\(String(repeating: "0", count: 50_000))1",
        ]
        let descriptions = [
            "1", "null", "[]", #""\u0000""#, #""\u001b]52;c;eA==\u0007""#, #""\u009b""#,
            #""\u202e""#,
            "\"\(String(repeating: "d", count: 1_001))\"",
        ]
        func short(_ text: String) -> String { text.count > 40 ? "\(text.count) long" : text }
        return bodies.map { ("body \($0)", text($0)) }
            + users.map { ("user_id \(short($0))", order(user: $0)) }
            + amounts.map { ("amount \(short($0))", order(amount: $0)) }
            + descriptions.map {
                ("description \(short($0))", order(more: #","description":\#($0)"#))
            }
    }

    private static var types: [HTTPRow] {
        [
            "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonp",
            "application/x-www-form-urlencoded", "application/json; charset=latin1",
            "application/json; charset=utf-16", "application/json, text/plain", "*/*",
            "application/json\u{E4}", "json", String(repeating: "x", count: 5_000),
        ].flatMap { type in
            [Shop.Daemon.gateway, .orders].map { door in
                HTTPRow(
                    "type \(type.prefix(40))", at: door, "POST", "/orders", type: type,
                    body: order(), [415])
            }
        }
    }

    /// At the bounds, on both sides.
    private static var sizes: [HTTPRow] {
        func padded(to count: Int) -> [UInt8] {
            let bare = order(more: #","x":"""#)
            return order(more: #","x":"\#(String(repeating: "x", count: count - bare.count))""#)
        }
        let nested =
            String(repeating: "[", count: 15) + String(repeating: "]", count: 15)
        return [Shop.Daemon.gateway, .orders].flatMap { door in
            [
                HTTPRow("64 KiB", at: door, "POST", "/orders", body: padded(to: 65_536), [201]),
                HTTPRow(
                    "64 KiB and a byte", at: door, "POST", "/orders", body: padded(to: 65_537),
                    [413]),
                HTTPRow(
                    "10 MiB", at: door, "POST", "/orders", body: padded(to: 10_485_760), [413]),
                HTTPRow(
                    "16 levels", at: door, "POST", "/orders",
                    body: order(more: #","x":\#(nested)"#), [201]),
                HTTPRow(
                    "128 bytes of user", at: door, "POST", "/orders",
                    body: order(user: "\"\(String(repeating: "u", count: 128))\""), [201]),
                HTTPRow(
                    "1,000 characters of description", at: door, "POST", "/orders",
                    body: order(
                        more: #","description":"\#(String(repeating: "ü", count: 1_000))""#),
                    [201]),
            ]
        }
    }
}
