import KassaClient
import Testing

struct TextTests {
    @Test(arguments: [
        ("tea", 10, "tea"), ("\u{1B}[2J\u{7}", 10, "\u{FFFD}[2J\u{FFFD}"), ("abcdef", 3, "ab…"),
        ("abc", 3, "abc"), ("a\u{202E}b\u{200D}c\u{2066}", 9, "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
        ("\u{9B}31m\n\u{7F}", 9, "\u{FFFD}31m\u{FFFD}\u{FFFD}"),
        ("日本e\u{301}", 9, "日本e\u{301}"),
    ])
    func `text is shown without what steers a terminal, and clipped`(
        text: String, limit: Int, shown: String
    ) {
        #expect(text.displayed(upTo: limit) == shown)
    }
}
