/// What an order costs or a deposit brings: 0.01 to 9,999,999,999.99.
package struct Amount: Hashable, Sendable {
    /// The sum, within bounds.
    package let money: Money

    /// The least amount: one cent.
    package static let least = Amount(unchecked: Money(minorUnits: 1))
    /// The greatest amount: 9,999,999,999.99.
    package static let greatest = Amount(unchecked: Money(minorUnits: 999_999_999_999))

    /// Why something is no amount; the API has words for each.
    package enum ParseError: Error, Equatable, Sendable {
        case notANumber
        case tooManyDecimals
        /// Zero or less.
        case tooSmall
        case tooLarge
    }

    private init(unchecked money: Money) { self.money = money }

    /// - Throws: ``ParseError`` outside the bounds.
    package init(_ money: Money) throws(ParseError) {
        guard money >= Self.least.money else { throw .tooSmall }
        guard money <= Self.greatest.money else { throw .tooLarge }
        self.init(unchecked: money)
    }

    /// Reads decimal text in JSON's number grammar, exactly.
    ///
    /// - Throws: ``ParseError``.
    package init(decimal text: String) throws(ParseError) {
        try self.init(text) { text throws(Money.ParseError) in try Money(decimal: text) }
    }

    /// Reads decimal text that was a binary fraction on its way, as messages of older producers
    /// have it: `19.900000000000002` is 19.90.
    ///
    /// - Throws: ``ParseError``.
    package init(noisyDecimal text: String) throws(ParseError) {
        try self.init(text) { text throws(Money.ParseError) in try Money(noisyDecimal: text) }
    }

    private init(
        _ text: String, _ read: (String) throws(Money.ParseError) -> Money
    ) throws(ParseError) {
        let money: Money
        do throws(Money.ParseError) {
            money = try read(text)
        } catch {
            switch error {
            case .notANumber: throw .notANumber
            case .outOfRange: throw text.hasPrefix("-") ? .tooSmall : .tooLarge
            case .tooManyDecimals: throw text.hasPrefix("-") ? .tooSmall : .tooManyDecimals
            }
        }
        try self.init(money)
    }

    /// Reads a double as the shortest decimal that names it, the way its sender wrote it.
    ///
    /// gRPC's contract has amounts as doubles; 12 digits survive one exactly.
    ///
    /// - Throws: ``ParseError``; `notANumber` for NaN and the infinities.
    package init(_ value: Double) throws(ParseError) {
        guard value.isFinite else { throw .notANumber }
        try self.init(decimal: "\(value)")
    }

    /// The nearest double, for gRPC's contract: exact to the cent within the bounds.
    package var double: Double { Double(money.minorUnits) / 100 }
}

extension Amount: CustomStringConvertible {
    /// The decimal text with two decimals.
    package var description: String { money.description }
}
