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

    private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
