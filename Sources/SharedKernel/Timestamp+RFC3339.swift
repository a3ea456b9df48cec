extension Timestamp {
    /// Reads RFC 3339 with a date, a time, at most nine decimals, and `Z` or an offset; nil for
    /// anything else. Decimals beyond the microsecond are cut off.
    package init?(rfc3339 text: String) {
        var text = text
        guard let microseconds = text.withUTF8({ Self.microseconds(rfc3339: $0) }) else {
            return nil
        }
        self.init(microseconds: microseconds)
    }

    private static func microseconds(rfc3339 text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var rest = Rest(text: text)
        guard let year = rest.number(4), rest.take("-"), let month = rest.number(2),
            rest.take("-"), let day = rest.number(2), rest.take("T") || rest.take("t"),
            let hour = rest.number(2), rest.take(":"), let minute = rest.number(2), rest.take(":"),
            let second = rest.number(2), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second <= 60,
            day <= days(inMonth: month, of: year), let fraction = rest.fraction(),
            let offset = rest.offset(), rest.isEmpty
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
        return seconds * 1_000_000 + fraction
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Days of the proleptic Gregorian calendar, in years that begin in March.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// What is left of a text that is being read.
private struct Rest {
    let text: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isEmpty: Bool { index == text.count }

    private var next: UInt8? { isEmpty ? nil : text[index] }

    mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: sign) else { return false }
        index += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard let next, (0x30...0x39).contains(next) else { return nil }
        index += 1
        return Int64(next - 0x30)
    }

    mutating func number(_ digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// Microseconds; 0 where none is written.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var nanoseconds: Int64 = 0
        var worth: Int64 = 100_000_000
        while let digit = digit() {
            guard worth > 0 else { return nil }
            nanoseconds += digit * worth
            worth /= 10
        }
        return worth == 100_000_000 ? nil : nanoseconds / 1_000
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(2), take(":"), let minutes = number(2),
            hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }
}
