import SharedKernel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (1, "1970-01-01T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"), (-86_400_000_000, "1969-12-31T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
            (1_000_000_000_000_000, "2001-09-09T01:46:40.000000Z"),
            (1_234_567_890_123_456, "2009-02-13T23:31:30.123456Z"),
            (2_147_483_647_000_000, "2038-01-19T03:14:07.000000Z"),
            (-2_208_988_800_000_000, "1900-01-01T00:00:00.000000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999Z"),
            (253_402_300_800_000_000, "10000-01-01T00:00:00.000000Z"),
            (.max, "294247-01-10T04:00:54.775807Z"), (.min, "-290308-12-21T19:59:05.224192Z"),
        ] as [(Int64, String)])
    func `a moment is printed in RFC 3339, in UTC, with microseconds`(
        microseconds: Int64, text: String
    ) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test func `every day of 1600 to 2400 has the date a calendar gives it`() {
        var day: Int64 = -135_140
        for year in 1600...2400 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for (month, length) in lengths.enumerated() {
                for dayOfMonth in 1...length {
                    let text = Timestamp(microseconds: day * 86_400_000_000).description
                    let expected = "\(year)-\(padded(month + 1))-\(padded(dayOfMonth))"
                    guard text.hasPrefix(expected) else {
                        Issue.record("day \(day): \(text) is not \(expected)")
                        return
                    }
                    day += 1
                }
            }
        }
        #expect(day == 157_420, "2401-01-01")
    }

    @Test func `the clock is this century's and moments are ordered`() {
        let now = Timestamp.now
        #expect(now.description.hasPrefix("20"))
        #expect(now <= Timestamp.now)
        #expect(Timestamp(microseconds: -1) < Timestamp(microseconds: 0))
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.5Z", -500_000),
        ("2026-11-22T12:34:56.789012Z", 1_795_350_896_789_012),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000), ("1970-01-01T01:30:00+01:30", 0),
        ("1969-12-31T23:00:00-01:00", 0), ("1970-01-01T00:00:00.1234567Z", 123_456),
        ("1970-01-01T00:00:00.123456789Z", 123_456), ("1970-01-01t00:00:00.9z", 900_000),
        ("1970-01-01T23:59:60Z", 86_400_000_000),
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
        "2026-11-22T12:34:56.12345678901234567890Z", "2026-11-22T12:34:56.1x3Z", "2026-1",
        "2026-11-22T12:34:56+", "2026-11-22T12:34:56+01:60", "2026-11-22T12:34:56+24:00",
        "2026-11-22T12:34:56Zx", "2026-11-22T12:34:56+1:00",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-11-00T00:00:00Z", "٢٠٢٦-11-22T12:34:56Z",
    ])
    func `what is no moment is none`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
