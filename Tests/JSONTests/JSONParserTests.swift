import JSON
import Testing

@Suite struct JSONParserTests {
    private static let accepted: [(String, JSONValue)] = [
        ("null", .null), (" true ", .boolean(true)), ("\tfalse\r\n", .boolean(false)),
        ("0", .number("0")), ("-0", .number("-0")), ("12.50", .number("12.50")),
        ("1e400", .number("1e400")), ("-1.5E+10", .number("-1.5E+10")), ("1e-2", .number("1e-2")),
        ("12345678901234567890", .number("12345678901234567890")),
        ("\"\"", .string("")), (#""é\n€\u0041𝄞""#, .string("é\n€A𝄞")), ("\"a b\"", .string("a b")),
        ("\"é€𝄞\"", .string("é€𝄞")),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0041\u00e9\u20AC""#, .string("Aé€")), (#""\ud834\udd1e""#, .string("𝄞")),
        (#""\uDBFF\uDFFF""#, .string("\u{10FFFF}")), (#""\u0000""#, .string("\0")),
        ("\"\u{7F}\"", .string("\u{7F}")), ("\"\u{2028}\"", .string("\u{2028}")),
        ("[]", []), ("[ ]", []), ("[1,\"a\",[null]]", [.number("1"), "a", [.null]]),
        ("{}", [:]), ("{ }", [:]), (" { \"a\" : { \"b\" : [ ] } } ", ["a": ["b": []]]),
        (#"{"a":1,"A":2,"":3}"#, ["a": .number("1"), "A": .number("2"), "": .number("3")]),
    ]

    @Test(arguments: accepted)
    func `a text in the grammar is read`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    private static let refused: [(String, Int, String)] = [
        ("", 0, "Expecting value"), (" ", 1, "Expecting value"), ("nul", 0, "Expecting value"),
        ("True", 0, "Expecting value"), ("NaN", 0, "Expecting value"),
        ("Infinity", 0, "Expecting value"), ("-Infinity", 1, "Expecting digit"),
        ("abc", 0, "Expecting value"), ("'a'", 0, "Expecting value"), ("+1", 0, "Expecting value"),
        (".5", 0, "Expecting value"), ("\u{FEFF}1", 0, "Expecting value"),
        ("/**/1", 0, "Expecting value"), ("\u{A0}1", 0, "Expecting value"),
        ("-", 1, "Expecting digit"), ("1.", 2, "Expecting digit"), ("1.e3", 2, "Expecting digit"),
        ("1e", 2, "Expecting digit"), ("1e+", 3, "Expecting digit"),
        ("1e+-1", 3, "Expecting digit"),
        ("01", 1, "Extra data"), ("-01", 2, "Extra data"), ("0x10", 1, "Extra data"),
        ("1 2", 2, "Extra data"), ("nulls", 4, "Extra data"), ("{}}", 2, "Extra data"),
        ("[1,]", 3, "Expecting value"), ("[,1]", 1, "Expecting value"), ("[", 1, "Expecting value"),
        ("[1", 2, "Expecting ',' delimiter"), ("[1 2]", 3, "Expecting ',' delimiter"),
        ("[1}", 2, "Expecting ',' delimiter"), (#"{"a":1]"#, 6, "Expecting ',' delimiter"),
        ("{", 1, "Expecting property name enclosed in double quotes"),
        ("{a:1}", 1, "Expecting property name enclosed in double quotes"),
        ("{1:1}", 1, "Expecting property name enclosed in double quotes"),
        (#"{"a":1,}"#, 7, "Expecting property name enclosed in double quotes"),
        (#"{"a" 1}"#, 5, "Expecting ':' delimiter"), (#"{"a":}"#, 5, "Expecting value"),
        (#"{"a":1 "b":2}"#, 7, "Expecting ',' delimiter"),
        ("\"a", 0, "Unterminated string starting at"),
        (#""a\""#, 0, "Unterminated string starting at"),
        ("\"\\", 2, #"Invalid \escape"#), (#""\x41""#, 2, #"Invalid \escape"#),
        ("\"a\nb\"", 2, "Invalid control character at"),
        ("\"\0\"", 1, "Invalid control character at"),
        ("\"\t\"", 1, "Invalid control character at"),
        ("\"\u{1F}\"", 1, "Invalid control character at"),
        (#""\u12""#, 3, #"Invalid \uXXXX escape"#), (#""\u12G4""#, 3, #"Invalid \uXXXX escape"#),
        (#""\u+123""#, 3, #"Invalid \uXXXX escape"#), (#""\u"#, 3, #"Invalid \uXXXX escape"#),
    ]

    @Test(arguments: refused)
    func `a text outside the grammar is refused at its byte`(
        text: String, offset: Int, reason: String
    ) {
        let refusal = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: Array(text.utf8))
        }
        #expect(refusal?.offset == offset)
        #expect(refusal?.reason == reason)
    }

    @Test(arguments: [
        #"\ud800"#, #"\udc00"#, #"\ud800x"#, #"\ud800\n"#, #"\ud800\ud800"#, #"\ud800\u0041"#,
        #"\udfff\ud800"#,
    ])
    func `a lone surrogate is refused`(escape: String) {
        #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: Array("\"\(escape)\"".utf8))
        }
    }

    @Test(
        arguments: [
            ("a lone continuation", [0x80]), ("an overlong NUL", [0xC0, 0x80]),
            ("an overlong solidus", [0xE0, 0x80, 0xAF]), ("a surrogate", [0xED, 0xA0, 0x80]),
            ("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]), ("cut short", [0xE2, 0x82]),
            ("no such lead byte", [0xFF]),
        ] as [(String, [UInt8])])
    func `bytes that are no UTF-8 are refused inside a string and outside`(
        what: String, bytes: [UInt8]
    ) {
        let quote = UInt8(ascii: "\"")
        for text in [[quote] + bytes + [quote], bytes] {
            #expect(throws: JSONSyntaxError.self, "\(what)") { try JSONValue(parsing: text) }
        }
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"b":2,"a":3}"#, 13), (#"{"a":1,"\u0061":2}"#, 7),
        (#"[{"x":{"":0,"":0}}]"#, 12),
    ])
    func `an object that has a name twice is refused at the second`(text: String, offset: Int) {
        let refusal = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: Array(text.utf8))
        }
        #expect(refusal?.offset == offset)
        #expect(refusal?.reason == "Duplicate property name")
    }

    @Test func `canonically equal names with different bytes are two names`() throws {
        let value = try JSONValue(parsing: Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        #expect(value["\u{E9}"] == .number("1"))
        #expect(value["e\u{301}"] == .number("2"))
        // These have as many bytes, too.
        let (above, below) = ("\u{1E0B}\u{323}", "\u{1E0D}\u{307}")
        let dotted = try JSONValue(parsing: Array("{\"\(above)\":1,\"\(below)\":2}".utf8))
        #expect(dotted[above] == .number("1"))
        #expect(dotted[below] == .number("2"))
    }

    @Test(arguments: [1, 8, 15, 16, 17, 18, 500])
    func `a name that comes again is found in an object of any size`(count: Int) throws {
        let members = (0..<count).map { "\"name \($0)\":\($0)" }
        let whole = try JSONValue(parsing: Array("{\(members.joined(separator: ","))}".utf8))
        for place in 0..<count {
            #expect(whole["name \(place)"] == .number("\(place)"))
            let text = "{\((members + ["\"name \(place)\":0"]).joined(separator: ","))}"
            #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.utf8)) }
        }
        #expect(whole["name \(count)"] == nil)
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func `nesting is bounded, and the bound is exact`(open: String, close: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            let opened = String(repeating: open, count: depth)
            return Array((opened + "1" + String(repeating: close, count: depth)).utf8)
        }
        _ = try JSONValue(parsing: nested(16))
        let refusal = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: nested(17))
        }
        #expect(refusal?.offset == 16 * open.utf8.count)
        #expect(refusal?.reason == "Nested too deeply")
        _ = try JSONValue(parsing: nested(3), depthLimit: 3)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(4), depthLimit: 3) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(100_000)) }
    }

    @Test func `depth counts nesting, not siblings`() throws {
        let siblings = Array(repeating: "[[]]", count: 100).joined(separator: ",")
        _ = try JSONValue(parsing: Array("[\(siblings)]".utf8), depthLimit: 3)
    }
}
