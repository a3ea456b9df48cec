import Glibc

/// A moment: microseconds since 1970-01-01T00:00:00Z, which is what PostgreSQL keeps.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970, negative before.
    package let microseconds: Int64

    /// - Parameter microseconds: since 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// This machine's wall clock. Ages and deadlines never use it: those are the database's and the
    /// monotonic clock's.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six decimals: `2026-11-22T12:34:56.789012Z`.
    package var description: String {
        let (second, fraction) = Self.floorDivide(microseconds, by: 1_000_000)
        let (day, secondOfDay) = Self.floorDivide(second, by: 86_400)
        let (year, month, dayOfMonth) = Self.civil(daysSince1970: day)
        // 64 bits of microseconds reach 292,277 years to either side.
        return String(unsafeUninitializedCapacity: 32) { buffer in
            var text = Digits(buffer)
            if year < 0 { text.write("-") }
            text.write(year.magnitude, atLeast: 4)
            text.write("-")
            text.write(month.magnitude, digits: 2)
            text.write("-")
            text.write(dayOfMonth.magnitude, digits: 2)
            text.write("T")
            text.write(secondOfDay.magnitude / 3_600, digits: 2)
            text.write(":")
            text.write(secondOfDay.magnitude / 60 % 60, digits: 2)
            text.write(":")
            text.write(secondOfDay.magnitude % 60, digits: 2)
            text.write(".")
            text.write(fraction.magnitude, digits: 6)
            text.write("Z")
            return text.count
        }
    }

    /// The proleptic Gregorian date of a day number, counted in 400-year eras from 0000-03-01.
    private static func civil(daysSince1970 days: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
