/// A sum of money in hundredths, exact; the screen never counts money in binary fractions.
package struct Cents: Hashable, Comparable, Sendable {
    /// The hundredths.
    package let value: Int64

    /// - Parameter value: hundredths, such as 1999 for 19.99.
    package init(_ value: Int64) { self.value = value }

    /// Nothing.
    package static let zero = Cents(0)

    package static func < (left: Cents, right: Cents) -> Bool { left.value < right.value }

    /// The sum of both, held at the bounds of 64 bits instead of trapping on hostile data.
    package func adding(_ other: Cents) -> Cents {
        let (sum, overflow) = value.addingReportingOverflow(other.value)
        guard overflow else { return Cents(sum) }
        return Cents(value < 0 ? .min : .max)
    }
}

extension Cents: CustomStringConvertible {
    /// The decimal text with two decimals, such as `1234.50`.
    package var description: String {
        let (units, cents) = value.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(value < 0 ? "-" : "")\(units).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// The same with a space between thousands, such as `1 234.50`.
    package var grouped: String {
        let (units, cents) = value.magnitude.quotientAndRemainder(dividingBy: 100)
        var text = ""
        for (place, digit) in String(units).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { text.append(" ") }
            text.append(digit)
        }
        let whole = String(text.reversed())
        return "\(value < 0 ? "-" : "")\(whole).\(cents < 10 ? "0" : "")\(cents)"
    }
}
