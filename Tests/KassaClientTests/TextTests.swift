import KassaClient
import SharedKernel
import Testing

struct TextTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.5Z", -500_000),
        ("2026-11-22T12:34:56.789012Z", 1_795_350_896_789_012),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000), ("1970-01-01T01:30:00+01:30", 0),
        ("1969-12-31T23:00:00-01:00", 0), ("1970-01-01T00:00:00.1234567Z", 123_456),
    ])
    func `a moment is read to the microsecond`(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test func `every moment that is written is read back`() {
        for step in -50...50 {
            let moment = Timestamp(microseconds: Int64(step) * 86_399_123_456_789)
            guard moment.microseconds > -62_000_000_000_000_000 else { continue }
            #expect(Timestamp(rfc3339: moment.description) == moment)
        }
    }

    @Test(arguments: [
        "", "now", "2026-11-22", "2026-11-22T12:34:56", "2026-13-22T12:34:56Z",
        "2026-11-22T24:00:00Z", "2026-11-22T12:34:56.Z", "2026-11-22T12:34:56.1234567890Z",
        "2026-11-22T12:34:56Zx", "2026-11-22T12:34:56+1:00", "٢٠٢٦-11-22T12:34:56Z",
    ])
    func `what is no moment is none`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

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
