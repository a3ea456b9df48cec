/// An exact sum of money in minor units (cents). Never a binary fraction, never rounded.
package struct Money: Hashable, Sendable {
    /// The sum in cents.
    package let minorUnits: Int64

    /// Nothing.
    package static let zero = Money(minorUnits: 0)

    /// - Parameter minorUnits: the sum in cents.
    package init(minorUnits: Int64) { self.minorUnits = minorUnits }

    /// The sum of both, or nil where 64 bits do not hold it.
    package func adding(_ other: Money) -> Money? {
        let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
        return overflow ? nil : Money(minorUnits: sum)
    }

    /// What is left after taking `other`, or nil where that is less than nothing.
    package func subtracting(_ other: Money) -> Money? {
        let (rest, overflow) = minorUnits.subtractingReportingOverflow(other.minorUnits)
        return overflow || rest < 0 ? nil : Money(minorUnits: rest)
    }
}

extension Money: Comparable {
    package static func < (left: Money, right: Money) -> Bool {
        left.minorUnits < right.minorUnits
    }
}

extension Money: CustomStringConvertible {
    /// The decimal text with two decimals, such as `42.50`: valid JSON, and what the API prints.
    package var description: String {
        let (units, cents) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        // Up to 15 bytes a string needs no memory of its own: every amount, with a sign, has 14.
        let capacity = units < 10_000_000_000 ? 14 : 21
        return String(unsafeUninitializedCapacity: capacity) { buffer in
            var text = Digits(buffer)
            if minorUnits < 0 { text.write("-") }
            text.write(units, atLeast: 1)
            text.write(".")
            text.write(cents, digits: 2)
            return text.count
        }
    }
}

extension Money {
    /// Why a text is no sum of money.
    package enum ParseError: Error, Equatable, Sendable {
        case notANumber
        case tooManyDecimals
        case outOfRange
    }

    /// Reads decimal text in JSON's number grammar, exactly: `42.5`, `42.50`, `4.25e1` are the same
    /// sum.
    ///
    /// - Throws: ``ParseError``: `tooManyDecimals` for a fraction of a cent, `outOfRange` beyond 18
    ///   digits of cents.
    package init(decimal text: String) throws(ParseError) {
        if let plain = PlainCents(text) {
            self.init(minorUnits: plain.minorUnits)
        } else {
            try self.init(Decimal(text.utf8))
        }
    }

    /// Reads decimal text that was a binary fraction on its way: what is within a millionth of a
    /// cent of whole cents is those cents, so `19.900000000000002` is 19.90.
    ///
    /// For messages of producers that count money in doubles; no door takes such text.
    ///
    /// - Throws: ``ParseError`` as ``init(decimal:)``, for what is farther from a whole cent.
    package init(noisyDecimal text: String) throws(ParseError) {
        if let plain = PlainCents(text) {
            self.init(minorUnits: plain.minorUnits)
            return
        }
        var decimal = try Decimal(text.utf8)
        let missing = decimal.cutNoise()
        let cents = try Money(decimal)
        self.init(minorUnits: cents.minorUnits + (decimal.isNegative ? -missing : missing))
    }

    private init(_ decimal: Decimal) throws(ParseError) {
        guard !decimal.digits.isEmpty else {
            self = .zero
            return
        }
        let shift = decimal.exponent + 2
        guard shift >= 0 else { throw .tooManyDecimals }
        guard decimal.digits.count + shift <= 18 else { throw .outOfRange }
        var units: Int64 = 0
        for digit in decimal.digits { units = units * 10 + Int64(digit) }
        for _ in 0..<shift { units *= 10 }
        self.init(minorUnits: decimal.isNegative ? -units : units)
    }
}

/// Money as nearly everybody writes it, `42.50`, read without taking it apart: at most sixteen
/// digits without a zero in front, and at most two decimals.
private struct PlainCents {
    let minorUnits: Int64

    /// Nil for any other text, which may be a sum all the same.
    init?(_ text: String) {
        var text = text
        guard let minorUnits = text.withUTF8({ Self.minorUnits($0) }) else { return nil }
        self.minorUnits = minorUnits
    }

    private static func minorUnits(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var units: Int64 = 0
        var whole = 0
        var decimals: Int?
        for byte in text {
            if byte == UInt8(ascii: "."), decimals == nil, whole > 0 {
                decimals = 0
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            if let places = decimals {
                guard places < 2 else { return nil }
                decimals = places + 1
            } else {
                guard whole < 16, whole == 0 || units > 0 else { return nil }
                whole += 1
            }
            // Never more than 18 digits, which 64 bits hold.
            units = units * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        guard whole > 0, decimals != 0 else { return nil }
        return decimals == 2 ? units : decimals == 1 ? units * 10 : units * 100
    }
}

/// A decimal number taken apart: `digits` (no zero at either end) times ten to the `exponent`.
private struct Decimal {
    private(set) var isNegative = false
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0

    /// Exponents beyond this are as good as infinite, and adding them up cannot overflow.
    private static let exponentLimit = 1_000_000

    init(_ text: some Sequence<UInt8>) throws(Money.ParseError) {
        var rest = Array(text)[...]
        isNegative = rest.take(UInt8(ascii: "-"))
        let whole = rest.takeDigits()
        guard !whole.isEmpty, whole.count == 1 || whole.first != 0 else { throw .notANumber }
        var fraction: [UInt8] = []
        if rest.take(UInt8(ascii: ".")) {
            fraction = rest.takeDigits()
            guard !fraction.isEmpty else { throw .notANumber }
        }
        if rest.take(UInt8(ascii: "e")) || rest.take(UInt8(ascii: "E")) {
            let isSmall = !rest.take(UInt8(ascii: "+")) && rest.take(UInt8(ascii: "-"))
            let power = rest.takeDigits()
            guard !power.isEmpty else { throw .notANumber }
            let size = power.reduce(0) { min($0 * 10 + Int($1), Self.exponentLimit) }
            exponent = isSmall ? -size : size
        }
        guard rest.isEmpty else { throw .notANumber }
        exponent -= fraction.count
        digits = Array((whole + fraction).drop { $0 == 0 })
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
    }

    /// Cuts off the digits behind the cents where they are at most a millionth of a cent, or
    /// lack at most as much to the next.
    ///
    /// - Returns: the cents that the digits lack then: 0 or 1.
    mutating func cutNoise() -> Int64 {
        let decimals = -(exponent + 2)
        guard decimals > 0 else { return 0 }
        let zeros = [UInt8](repeating: 0, count: max(0, min(decimals - digits.count, 7)))
        let fraction = zeros + digits.suffix(decimals)
        let millionths = fraction.prefix(6).reduce(0) { $0 * 10 + Int($1) }
        let isAbove = millionths == 0 || millionths == 1 && fraction.count == 6
        guard fraction.count >= 6, isAbove || millionths == 999_999 else { return 0 }
        digits.removeLast(min(decimals, digits.count))
        exponent = -2
        return isAbove ? 0 : 1
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ byte: UInt8) -> Bool {
        guard first == byte else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func takeDigits() -> [UInt8] {
        let digits = prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        removeFirst(digits.count)
        return digits.map { $0 - UInt8(ascii: "0") }
    }
}
