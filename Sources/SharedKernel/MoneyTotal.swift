/// An exact sum of any number of amounts: 128 bits, where ``Money`` would run over after some nine
/// million of the greatest.
package struct MoneyTotal: Hashable, Sendable {
    /// The sum in cents.
    package let minorUnits: Int128

    /// Nothing.
    package static let zero = MoneyTotal(minorUnits: 0)

    /// - Parameter minorUnits: the sum in cents.
    package init(minorUnits: Int128) { self.minorUnits = minorUnits }

    /// The sum with one more amount.
    package static func + (total: MoneyTotal, money: Money) -> MoneyTotal {
        MoneyTotal(minorUnits: total.minorUnits + Int128(money.minorUnits))
    }

    /// Both sums together.
    package static func + (left: MoneyTotal, right: MoneyTotal) -> MoneyTotal {
        MoneyTotal(minorUnits: left.minorUnits + right.minorUnits)
    }

    /// What is left of one sum after taking another; may be less than nothing.
    package static func - (left: MoneyTotal, right: MoneyTotal) -> MoneyTotal {
        MoneyTotal(minorUnits: left.minorUnits - right.minorUnits)
    }
}

extension MoneyTotal: CustomStringConvertible {
    /// The decimal text with two decimals, such as `42.50`: valid JSON.
    package var description: String {
        let (units, cents) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(minorUnits < 0 ? "-" : "")\(units).\(cents < 10 ? "0" : "")\(cents)"
    }
}
