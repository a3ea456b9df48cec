import KassaView
import Testing

@Suite struct CleanTextTests {
    private func shown(_ text: String, ascii: Bool = false) -> String {
        var view = String.UnicodeScalarView()
        for cell in CleanText(text, ascii: ascii) {
            view.append(cell.base)
            view.append(contentsOf: cell.marks.scalars)
        }
        return String(view)
    }

    @Test(arguments: [
        ("plain", "plain"), ("\u{1B}[2J", "\u{FFFD}[2J"), ("a\u{9B}31mb", "a\u{FFFD}31mb"),
        ("\u{1B}]52;c;AAAA\u{07}", "\u{FFFD}]52;c;AAAA\u{FFFD}"), ("a\r\nb", "a\u{FFFD}\u{FFFD}b"),
        ("\u{7F}\u{08}", "\u{FFFD}\u{FFFD}"), ("\u{202E}gnp", "\u{FFFD}gnp"),
        ("\u{2066}a\u{2069}", "\u{FFFD}a\u{FFFD}"), ("👩\u{200D}💻", "👩💻"), ("👍🏽", "👍"),
        ("❤\u{FE0F}", "❤"), ("\u{FEFF}a\u{200B}b\u{AD}c", "abc"), ("\u{E000}", "\u{FFFD}"),
        ("\u{2028}", "\u{FFFD}"), ("\u{3164}", "\u{FFFD}"), ("\u{E0041}x", "x"),
    ])
    func `what could do harm is replaced or left out`(text: String, expected: String) {
        #expect(shown(text) == expected)
    }

    @Test(arguments: [
        ("abc", 3), ("世蓮", 4), ("e\u{301}", 1), ("ｱ", 1), ("Ａ", 2), ("😀", 2), ("…✓✗─█", 5),
        ("\u{301}", 1), ("각", 2), ("\u{1100}\u{1161}\u{11A8}", 2), ("", 0), ("한국어", 6), ("ไทย", 3),
    ])
    func `text takes the columns it takes`(text: String, columns: Int) {
        #expect(text.columns() == columns)
    }

    @Test func `marks beyond four are dropped`() throws {
        let cells = Array(CleanText("a" + String(repeating: "\u{301}", count: 10_000) + "b"))
        #expect(cells.count == 2)
        #expect(try #require(cells.first).marks.scalars.count == 4)
    }

    @Test func `a mark without a base stands on a blank`() throws {
        let cell = try #require(Array(CleanText("\u{301}a")).first)
        #expect(cell.base == " ")
        #expect(cell.marks.scalars == ["\u{301}"])
    }

    @Test func `in ASCII everything else is its escape, so that no two names look the same`() {
        #expect(shown("Zoë 世 e\u{301}\u{1B}😀", ascii: true) == #"Zo\xeb \u4e16 e\u0301?\U0001f600"#)
        #expect("Zoë".columns(ascii: true) == 6)
    }

    @Test func `counting stops at the limit`() {
        #expect(String(repeating: "x", count: 10_000).columns(upTo: 7) == 7)
    }
}
