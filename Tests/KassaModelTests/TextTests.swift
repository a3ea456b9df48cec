import KassaModel
import Testing

struct AmountTextTests {
    @Test(
        arguments: [
            ("12.50", 1_250), ("12.5", 1_250), ("0.01", 1), ("12", 1_200), (" 12 ", 1_200),
            ("1 234.50", 123_450), ("9999999999.99", 999_999_999_999), ("007", 700),
        ] as [(String, Int64)])
    func `an amount is read exactly`(text: String, cents: Int64) {
        #expect(AmountText.parse(text) == .success(Cents(cents)))
    }

    @Test(
        arguments: [
            ("", .empty), ("  ", .empty), ("0", .tooSmall), ("0.00", .tooSmall), ("-1", .tooSmall),
            ("1.234", .tooManyDecimals), ("10000000000", .tooLarge), ("1,5", .notANumber),
            ("99999999999999999999999999", .tooLarge), ("1.", .notANumber), (".5", .notANumber),
            ("1e3", .notANumber), ("1.2.3", .notANumber), ("٣", .notANumber), ("abc", .notANumber),
            ("92233720368547758", .tooLarge), ("-", .tooSmall), ("+1", .notANumber),
        ] as [(String, AmountText.Complaint)])
    func `what is no amount is told apart`(text: String, complaint: AmountText.Complaint) {
        #expect(AmountText.parse(text) == .failure(complaint))
    }
}

struct TextRulesTests {
    @Test(arguments: [
        ("alice", true), ("", false), (String(repeating: "a", count: 128), true),
        (String(repeating: "a", count: 129), false), (String(repeating: "é", count: 65), false),
        ("a\u{1B}[2J", false), ("a\u{202E}b", false), ("a\u{9B}b", false), ("世蓮", true),
        (" alice", false), ("alice ", false), ("a b", true), ("\u{7F}", false),
    ])
    func `a user id is held to the contract's rules`(text: String, isFine: Bool) {
        #expect((TextRules.complaint(user: text) == nil) == isFine)
    }

    @Test(arguments: [(1_000, true), (1_001, false), (0, true)])
    func `a description has at most 1,000 scalars`(count: Int, isFine: Bool) {
        let text = String(repeating: "\u{1F600}", count: count)
        #expect((TextRules.complaint(description: text) == nil) == isFine)
    }
}

struct UTCTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_795_350_763_436_156, "2026-11-22T12:32:43.436156Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        ] as [(Int64, String)])
    func `a moment is written as the API writes it`(microseconds: Int64, text: String) {
        #expect(UTCTime(microseconds: microseconds).text == text)
    }

    @Test(arguments: [Int64.min, .max]) func `any number is some time`(microseconds: Int64) {
        #expect(!UTCTime(microseconds: microseconds).text.isEmpty)
        #expect(!UTCTime(milliseconds: microseconds).clockWithMilliseconds.isEmpty)
    }
}

struct TextInputTests {
    /// The line after some keys; a key that means nothing is an issue.
    private func edit(_ text: String, _ keys: Key...) -> TextInput {
        var input = TextInput(text)
        for key in keys {
            let isUnderstood = input.edit(key)
            #expect(isUnderstood)
        }
        return input
    }

    @Test func `keys edit the line where the cursor is`() {
        #expect(edit("hello world", .control("w")).text == "hello ")
        #expect(edit("abc", .home, .character("X"), .right, .backspace).text == "Xbc")
        #expect(edit("abc", .home, .delete).text == "bc")
        #expect(edit("abc", .left, .control("k")).text == "ab")
        #expect(edit("abc", .left, .control("u")).text == "c")
        #expect(edit("abc", .left, .control("u")).cursor == 0)
        var input = TextInput("a")
        let isUnderstood = input.edit(.enter) || input.edit(.function(3))
        #expect(!isUnderstood)
    }

    @Test func `a paste of many lines is one line, and has no control characters`() {
        let input = TextInput("a\r\nb\tc\u{1B}[31md\u{202E}e\u{9B}f")
        #expect(input.text == "a  b c[31mdef")
    }

    @Test func `a long paste is cut`() {
        #expect(TextInput(String(repeating: "x", count: 100_000)).text.count == TextInput.limit)
        let marks = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(TextInput(marks).text.unicodeScalars.count <= TextInput.limit * 4)
    }

    @Test func `marks that join what stands before keep the cursor inside`() {
        var input = TextInput("e")
        input.insert("\u{301}")
        #expect(input.text == "e\u{301}" && input.cursor == 1)
        #expect(edit("a\u{301}b", .home, .delete).text == "b")
        let flags = edit("🇫🇷🇩🇪", .left, .backspace)
        #expect(flags.text == "🇩🇪" && flags.cursor == 0)
    }
}
