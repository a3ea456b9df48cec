/// A moment taken apart in UTC, for showing; the screen's one calendar.
package struct UTCTime: Hashable, Sendable {
    package let year, month, day, hour, minute, second, microsecond: Int

    /// - Parameter microseconds: since 1970; any value.
    package init(microseconds: Int64) {
        let (day, inDay) = Self.divide(microseconds, 86_400_000_000)
        let (seconds, fraction) = Self.divide(inDay, 1_000_000)
        microsecond = Int(fraction)
        second = Int(seconds % 60)
        minute = Int(seconds / 60 % 60)
        hour = Int(seconds / 3_600)
        // Days are counted from 1 March of a year 0, so that leap days come last in a year.
        let (era, dayOfEra) = Self.divide(day + 719_468, 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        self.day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))
    }

    /// - Parameter milliseconds: since 1970.
    package init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        self.init(microseconds: overflow ? 0 : product)
    }

    /// `14:03:22`.
    package var clock: String { "\(Self.two(hour)):\(Self.two(minute)):\(Self.two(second))" }
    /// `14:03:22.418`.
    package var clockWithMilliseconds: String {
        let milliseconds = String(microsecond / 1_000 + 1_000).dropFirst()
        return "\(clock).\(milliseconds)"
    }
    /// `2026-11-22`.
    package var date: String { "\(year)-\(Self.two(month))-\(Self.two(day))" }
    /// RFC 3339 with six decimals, as the API writes times.
    package var text: String {
        "\(date)T\(clock).\(String(microsecond + 1_000_000).dropFirst())Z"
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// Division that rounds down, so that times before 1970 come out right.
    private static func divide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: by)
        return rest < 0 ? (quotient - 1, rest + by) : (quotient, rest)
    }
}
