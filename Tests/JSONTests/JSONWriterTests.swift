import JSON
import Testing

@Suite struct JSONWriterTests {
    private static let written: [(JSONValue, String)] = [
        (.null, "null"), (.boolean(true), "true"), (.boolean(false), "false"),
        (.number("42.50"), "42.50"), (.integer(-7), "-7"),
        (.integer(UInt64.max), "18446744073709551615"),
        ("", "\"\""), ("é€𝄞/", "\"é€𝄞/\""), ("\"\\\n\r\t", #""\"\\\n\r\t""#),
        ([], "[]"), ([.null, [.boolean(true)]], "[null,[true]]"),
        ([:], "{}"), (["b": .integer(1), "a": "x"], #"{"b":1,"a":"x"}"#),
        (["\"": []], #"{"\"":[]}"#),
    ]

    @Test(arguments: written)
    func `a value is written compactly, members in their order`(value: JSONValue, text: String) {
        #expect(value.text == text)
        #expect(value.encoded == Array(text.utf8))
    }

    @Test func `no control character reaches the text raw`() throws {
        for code in Array(UInt32(0)...0x1F) + Array(0x7F...0x9F) {
            let scalar = try #require(Unicode.Scalar(code))
            let value = JSONValue.string("a\(scalar)b")
            let isBare = value.text.unicodeScalars.contains {
                $0.properties.generalCategory == .control
            }
            #expect(!isBare, "U+\(String(code, radix: 16))")
            #expect(try JSONValue(parsing: value.encoded) == value)
        }
    }

    @Test func `writing appends`() {
        var bytes = Array("x=".utf8)
        JSONValue.boolean(true).write(to: &bytes)
        #expect(bytes == Array("x=true".utf8))
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `what was written is read back the same`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = JSONValue.random(depth: 5, using: &random)
        let read = try JSONValue(parsing: value.encoded)
        #expect(read == value)
        #expect(read.encoded == value.encoded)
    }
}

@Suite struct JSONValueTests {
    @Test func `a member, a text and the elements are found only where they are`() {
        let value: JSONValue = ["a": "text", "b": [.integer(1)], "c": .null]
        #expect(value["a"]?.string == "text")
        #expect(value["b"]?.array == [.integer(1)])
        #expect(value["c"] == .null)
        #expect(value["d"] == nil)
        #expect(value["a"]?.array == nil)
        #expect(value["b"]?.string == nil)
        #expect(JSONValue.array([])["a"] == nil)
    }
}

extension JSONValue {
    fileprivate static func random(
        depth: Int, using random: inout SeededGenerator
    ) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: .null
        case 1: .boolean(Bool.random(using: &random))
        case 2: .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: .number("\(Double.random(in: -1e9...1e9, using: &random))")
        case 4: .string(randomText(using: &random))
        case 5:
            .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    JSONValue.random(depth: depth - 1, using: &random)
                })
        default:
            .object(
                (0..<Int.random(in: 0...4, using: &random)).map { position in
                    Member(
                        "\(position)" + randomText(using: &random),
                        JSONValue.random(depth: depth - 1, using: &random))
                })
        }
    }

    /// Any scalars at all: ASCII, controls and the far planes alike.
    private static func randomText(using random: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let limit: UInt32 = Bool.random(using: &random) ? 0x100 : 0x11_0000
            let code = UInt32.random(in: 0..<limit, using: &random)
            text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        return String(text)
    }
}

/// SplitMix64: the same values for the same seed, on every machine.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
