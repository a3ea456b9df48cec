import Foundation
import JSON

/// Bodies for the queues that are no event.
enum MessageRows {
    /// Names and bodies for `order_created`.
    static var orders: [(String, [UInt8])] {
        BodyRows.notJSON + values(wrongEvents)
            + [
                ("10 MiB", Array(repeating: 0x61, count: 10_485_760)),
                ("64 KiB and a byte", Array(repeating: 0x20, count: 65_537)),
                ("empty", []),
            ]
    }

    /// Names and bodies for `payment_success` and `payment_failed`.
    static var outcomes: [(String, [UInt8])] {
        values(wrongEvents)
            + [
                ("an order that nobody placed", Array(event().utf8)),
                ("10 MiB", Array(repeating: 0x61, count: 10_485_760)),
                ("no JSON", Array("not json".utf8)), ("bytes", [0xFF, 0x00, 0xFE]), ("empty", []),
            ]
    }

    private static func values(_ bodies: [String]) -> [(String, [UInt8])] {
        bodies.map { (String($0.prefix(80)), Array($0.utf8)) }
    }

    private static func event(
        order: String = "\"\(UUID().uuidString.lowercased())\"", user: String = #""ann""#,
        amount: String = "1.00"
    ) -> String {
        #"{"order_id":\#(order),"user_id":\#(user),"amount":\#(amount),"#
            + #""description":"","reason":"insufficient_funds"}"#
    }

    private static var wrongEvents: [String] {
        ["null", "true", "1", "\"x\"", "[]", "{}", "[{}]"]
            + ["null", "1", #""""#, #""x""#, #""00000000-0000-0000-0000-00000000000g""#, "[]"]
            .map { event(order: $0) }
            + [
                "null", "1", #""""#, #""a\u0000b""#, #""\u001b[2J""#, #""\u009b""#, #""\u202e""#,
                "[]", "\"\(String(repeating: "u", count: 129))\"",
            ].map { event(user: $0) }
            + [
                "null", "true", "[]", #""x""#, #""NaN""#, #""Infinity""#, "0", "-1", "0.001",
                "10000000000", "1e308", "1e999999999", String(repeating: "9", count: 10_000),
            ].map { event(amount: $0) }
    }

    /// Properties that no program of ours sets, as Erlang has them; every body is an order that can
    /// be charged.
    static let properties: [(String, String)] = [
        ("no message id", "[]"),
        ("an id that is no UUID", "[{message_id, <<\"x\">>}]"),
        ("an id of bytes", "[{message_id, <<255,254,0>>}]"),
        ("an id of 255 bytes", "[{message_id, binary:copy(<<\"m\">>, 255)}]"),
        ("another type", "[{type, <<\"order_created\">>}, {content_type, <<\"text/html\">>}]"),
        ("a type of bytes", "[{app_id, <<27,91,50,74>>}, {content_encoding, <<\"gzip\">>}]"),
        (
            "numbers for headers",
            "[{headers, [{<<\"x-request-id\">>, signedint, 1}, {<<\"n\">>, double, 1.5}]}]"
        ),
        (
            "a table for a header",
            "[{headers, [{<<\"traceparent\">>, table, [{<<\"a\">>, longstr, <<\"b\">>}]}]}]"
        ),
        (
            "a list for a header",
            "[{headers, [{<<\"x-request-id\">>, array, [{longstr, <<\"a\">>}, {bool, true}]}]}]"
        ),
        (
            "void and bytes",
            "[{headers, [{<<\"a\">>, void, undefined}, {<<\"b\">>, binary, <<0,255>>}]}]"
        ),
        (
            "controls in a header",
            "[{headers, [{<<\"x-request-id\">>, longstr, <<27,91,50,74,10>>}]}]"
        ),
        (
            "who sent it and when, as nobody writes it",
            "[{headers, [{<<\"published-by\">>, longstr, binary:copy(<<27,0,10,255>>, 9000)}, "
                + "{<<\"published-at\">>, longstr, <<\"0000-00-00T99:99:99Z\">>}]}]"
        ),
        (
            "a time of sending before all time, by a number",
            "[{headers, [{<<\"published-by\">>, signedint, -1}, "
                + "{<<\"published-at\">>, longstr, <<\"0000-01-01T00:00:00Z\">>}]}]"
        ),
        (
            "a table for the sender, a list for the time",
            "[{headers, [{<<\"published-by\">>, table, [{<<\"a\">>, longstr, <<\"b\">>}]}, "
                + "{<<\"published-at\">>, array, [{bool, true}]}]}]"
        ),
        ("a header of 60 KB", "[{headers, [{<<\"x\">>, longstr, binary:copy(<<\"y\">>, 60000)}]}]"),
        (
            "a thousand headers",
            "[{headers, [{integer_to_binary(N), longstr, <<\"v\">>} || N <- lists:seq(1, 1000)]}]"
        ),
        ("a time beyond time", "[{timestamp, 18446744073709551615}, {priority, 255}]"),
        ("an expiration and an answer", "[{reply_to, <<\"x\">>}, {correlation_id, <<255>>}]"),
    ]
}
