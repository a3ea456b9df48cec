extension Timestamp {
    /// Reads RFC 3339 with a date, a time, at most nine decimals, and `Z` or an offset; nil for
    /// anything else. Decimals beyond the microsecond are cut off.
    package init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = rest.number(4), rest.take("-"), let month = rest.number(2),
            rest.take("-"), let day = rest.number(2), rest.take("T") || rest.take("t"),
            let hour = rest.number(2), rest.take(":"), let minute = rest.number(2), rest.take(":"),
            let second = rest.number(2), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second <= 60,
            day <= Self.days(inMonth: month, of: year), let fraction = rest.fraction(),
            let offset = rest.offset(), rest.isEmpty
        else { return nil }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
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

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ character: Character) -> Bool {
        guard let first, character.asciiValue == first else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func number(_ digits: Int) -> Int64? {
        guard count >= digits, prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        defer { removeFirst(digits) }
        return prefix(digits).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Microseconds; 0 where none is written.
    fileprivate mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let digits = prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        removeFirst(digits.count)
        let padded = digits.map { Int64($0 - 0x30) } + [0, 0, 0, 0, 0, 0]
        return padded.prefix(6).reduce(0) { $0 * 10 + $1 }
    }

    /// Minutes east of UTC.
    fileprivate mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(2), take(":"), let minutes = number(2),
            hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }
}
