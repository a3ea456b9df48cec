import SharedKernel
import Testing

@Suite struct MoneyTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("0.00", 0), ("0e9", 0), ("0.000000e-30", 0),
            ("0e99999999999999999999", 0), ("1", 100), ("-1", -100), ("0.01", 1), ("-0.01", -1),
            ("42.5", 4250), ("42.50", 4250), ("4.25e1", 4250), ("4.25E+1", 4250), ("425e-1", 4250),
            ("4250000e-5", 4250), ("1.10000", 110), ("1.000", 100), ("0.10", 10), ("10", 1000),
            ("1e2", 10_000), ("9999999999999999.99", 999_999_999_999_999_999),
            ("-9999999999999999.99", -999_999_999_999_999_999),
            ("9999999999999999.99000000000000000000", 999_999_999_999_999_999),
            ("1e15", 100_000_000_000_000_000),
        ] as [(String, Int64)])
    func `decimal text is read exactly`(text: String, cents: Int64) throws {
        #expect(try Money(decimal: text).minorUnits == cents)
    }

    @Test(
        arguments: [
            ("", .notANumber), (" ", .notANumber), ("abc", .notANumber), ("-", .notANumber),
            ("+1", .notANumber), (".5", .notANumber), ("1.", .notANumber), ("1e", .notANumber),
            ("1e+", .notANumber), ("1e+-2", .notANumber), ("01", .notANumber), ("-01", .notANumber),
            ("1 ", .notANumber), (" 1", .notANumber), ("1,5", .notANumber), ("1_000", .notANumber),
            ("0x10", .notANumber), ("NaN", .notANumber), ("inf", .notANumber), ("--1", .notANumber),
            ("1.2.3", .notANumber), ("\u{FF11}", .notANumber), ("1\0", .notANumber),
            ("1.001", .tooManyDecimals), ("0.001", .tooManyDecimals), ("-1.001", .tooManyDecimals),
            ("1e-3", .tooManyDecimals), ("1e-400", .tooManyDecimals),
            ("1e-99999999999999999999", .tooManyDecimals),
            ("0.009999999999999999", .tooManyDecimals),
            ("1e400", .outOfRange), ("-1e400", .outOfRange),
            ("1e99999999999999999999", .outOfRange),
            ("1e16", .outOfRange), ("10000000000000000.00", .outOfRange),
            ("12345678901234567890", .outOfRange), ("-12345678901234567890", .outOfRange),
        ] as [(String, Money.ParseError)])
    func `text that is no exact sum is refused with its reason`(
        text: String, reason: Money.ParseError
    ) {
        #expect(throws: reason) { try Money(decimal: text) }
    }

    @Test(
        arguments: [
            ("19.900000000000002", 1990), ("19.899999999999999", 1990), ("19.9", 1990),
            ("0.30000000000000004", 30), ("0.009999999999999999", 1), ("1.0000000000000002", 100),
            ("0.9999999999999999", 100), ("99.99999999999999", 10_000), ("42.50", 4250),
            ("1.99000000000000019984e1", 1990), ("-19.900000000000002", -1990),
            ("-0.999999999", -100), ("0.01000001", 1), ("0.00999999", 1), ("1e-400", 0),
            ("1e-99999999999999999999", 0), ("0.00000001", 0), ("4.25e1", 4250), ("7", 700),
        ] as [(String, Int64)])
    func `a trace of binary fractions beside whole cents is no part of the sum`(
        text: String, cents: Int64
    ) throws {
        #expect(try Money(noisyDecimal: text).minorUnits == cents)
    }

    @Test(
        arguments: [
            ("0.010000011", .tooManyDecimals), ("0.009999989", .tooManyDecimals),
            ("1.001", .tooManyDecimals), ("1.005", .tooManyDecimals), ("1.00001", .tooManyDecimals),
            ("1.99999", .tooManyDecimals), ("0.001", .tooManyDecimals), ("1e16", .outOfRange),
            ("12345678901234567.000000000001", .outOfRange), ("NaN", .notANumber),
            ("", .notANumber), ("1.9e", .notANumber),
        ] as [(String, Money.ParseError)])
    func `what is farther than a millionth of a cent from whole cents is none`(
        text: String, reason: Money.ParseError
    ) {
        #expect(throws: reason) { try Money(noisyDecimal: text) }
    }

    @Test func `sums that were added up as doubles are read as they were meant`() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5_000 {
            let prices = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                Int64.random(in: 1...100_000, using: &random)
            }
            let sum = prices.reduce(0.0) { $0 + Double($1) / 100 }
            let cents = prices.reduce(0, +)
            #expect(try Money(noisyDecimal: "\(sum)").minorUnits == cents, "\(sum)")
        }
    }

    @Test(
        arguments: [
            (0, "0.00"), (1, "0.01"), (10, "0.10"), (99, "0.99"), (100, "1.00"), (4250, "42.50"),
            (-1, "-0.01"), (-4250, "-42.50"), (.max, "92233720368547758.07"),
            (.min, "-92233720368547758.08"),
        ] as [(Int64, String)])
    func `a sum is printed with two decimals`(cents: Int64, text: String) {
        #expect(Money(minorUnits: cents).description == text)
    }

    @Test func `cents survive their text`() throws {
        var random = SeededGenerator(seed: 1)
        let limit: Int64 = 999_999_999_999_999_999
        for _ in 0..<2_000 {
            let bound =
                Int64.random(in: 1...limit, using: &random)
                >> Int64.random(in: 0..<60, using: &random)
            let cents = Int64.random(in: -bound...bound, using: &random)
            let money = Money(minorUnits: cents)
            #expect(try Money(decimal: money.description) == money)
            #expect(try Money(decimal: "\(cents)e-2") == money)
        }
    }

    /// Texts with an exponent are read in another way than those without.
    @Test func `a text means the same with an exponent that changes nothing`() {
        func outcome(_ read: () throws(Money.ParseError) -> Money) -> String {
            do throws(Money.ParseError) {
                return try read().description
            } catch {
                return "\(error)"
            }
        }
        var random = SeededGenerator(seed: 4)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                Array("0123456789".utf8).randomElement(using: &random) ?? 0x30
            }
            var text = String(decoding: bytes, as: UTF8.self)
            for sign in [".", "-"].prefix(Int.random(in: 0...2, using: &random)) {
                let place = text.utf8.index(
                    text.startIndex,
                    offsetBy: sign == "-" ? 0 : Int.random(in: 0...bytes.count, using: &random))
                text.insert(contentsOf: sign, at: place)
            }
            #expect(
                outcome { () throws(Money.ParseError) in try Money(decimal: text) }
                    == outcome { () throws(Money.ParseError) in try Money(decimal: text + "e0") },
                "\(text)")
            #expect(
                outcome { () throws(Money.ParseError) in try Money(noisyDecimal: text) }
                    == outcome { () throws(Money.ParseError) in
                        try Money(noisyDecimal: text + "e0")
                    }, "\(text)")
        }
    }

    @Test func `sums never wrap and never go below nothing`() {
        let greatest = Money(minorUnits: .max)
        #expect(Money(minorUnits: 1).adding(Money(minorUnits: 2)) == Money(minorUnits: 3))
        #expect(greatest.adding(.zero) == greatest)
        #expect(greatest.adding(Money(minorUnits: 1)) == nil)
        #expect(Money(minorUnits: 3).subtracting(Money(minorUnits: 3)) == .zero)
        #expect(Money(minorUnits: 3).subtracting(Money(minorUnits: 4)) == nil)
        #expect(Money.zero.subtracting(Money(minorUnits: .min)) == nil)
        #expect(Money(minorUnits: -1) < .zero)
    }
}

@Suite struct AmountTests {
    @Test(
        arguments: [
            ("0.01", 1), ("9999999999.99", 999_999_999_999), ("1.10000", 110), ("4.25e1", 4250),
            ("1e-2", 1), ("9.99999999999e9", 999_999_999_999),
            ("99999999999900e-4", 999_999_999_999),
        ] as [(String, Int64)])
    func `an amount within its bounds is read exactly`(text: String, cents: Int64) throws {
        let amount = try Amount(decimal: text)
        #expect(amount.money.minorUnits == cents)
        #expect(try Amount(decimal: amount.description) == amount)
        #expect(try Amount(amount.double) == amount)
    }

    @Test(
        arguments: [
            ("0", .tooSmall), ("-0", .tooSmall), ("0.00", .tooSmall), ("-1", .tooSmall),
            ("-0.01", .tooSmall), ("-1.001", .tooSmall), ("-1e400", .tooSmall),
            ("1.001", .tooManyDecimals), ("0.001", .tooManyDecimals), ("1e-400", .tooManyDecimals),
            ("10000000000", .tooLarge), ("10000000000.00", .tooLarge), ("1e10", .tooLarge),
            ("1e400", .tooLarge), ("12345678901234567890", .tooLarge), ("abc", .notANumber),
            ("-abc", .notANumber), ("", .notANumber), ("NaN", .notANumber), ("true", .notANumber),
        ] as [(String, Amount.ParseError)])
    func `an amount outside its bounds is refused with its reason`(
        text: String, reason: Amount.ParseError
    ) {
        #expect(throws: reason) { try Amount(decimal: text) }
    }

    @Test(
        arguments: [
            (0.01, 1), (0.1, 10), (0.29, 29), (1.1, 110), (42.5, 4250), (1e9, 100_000_000_000),
            (9999999999.99, 999_999_999_999), (4.35, 435), (1.005e3, 100_500),
        ] as [(Double, Int64)])
    func `a double means its shortest decimal`(value: Double, cents: Int64) throws {
        #expect(try Amount(value).money.minorUnits == cents)
    }

    @Test(
        arguments: [
            (.nan, .notANumber), (.signalingNaN, .notANumber), (.infinity, .notANumber),
            (-.infinity, .notANumber), (0, .tooSmall), (-0.0, .tooSmall), (-1, .tooSmall),
            (-.leastNonzeroMagnitude, .tooSmall),
            (.leastNonzeroMagnitude, .tooManyDecimals), (1.001, .tooManyDecimals),
            (0.1 + 0.2, .tooManyDecimals), (1e10, .tooLarge), (1e16, .tooLarge),
            (1.7e308, .tooLarge),
            (-1.7e308, .tooSmall),
        ] as [(Double, Amount.ParseError)])
    func `a double that is no amount is refused with its reason`(
        value: Double, reason: Amount.ParseError
    ) {
        #expect(throws: reason) { try Amount(value) }
    }

    @Test func `every amount survives its text and its double`() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<5_000 {
            let cents = Int64.random(in: 1...999_999_999_999, using: &random)
            let amount = try Amount(Money(minorUnits: cents))
            #expect(try Amount(decimal: amount.description) == amount)
            #expect(try Amount(amount.double) == amount)
        }
    }

    @Test func `the bounds are one cent and 9,999,999,999.99`() throws {
        #expect(Amount.least.description == "0.01")
        #expect(Amount.greatest.description == "9999999999.99")
        #expect(throws: Amount.ParseError.tooSmall) { try Amount(.zero) }
        #expect(throws: Amount.ParseError.tooLarge) {
            try Amount(Money(minorUnits: 1_000_000_000_000))
        }
    }
}

@Suite struct MoneyTotalTests {
    @Test func `a hundred million of the greatest amounts add up exactly`() {
        var total = MoneyTotal.zero
        for _ in 0..<1_000 { total = total + Amount.greatest.money }
        #expect(total.description == "9999999999990.00")
        let many = MoneyTotal(minorUnits: 100_000_000 * 999_999_999_999)
        #expect(many.description == "999999999999000000.00")
        #expect((MoneyTotal.zero - many).description == "-999999999999000000.00")
        #expect((many - many) == .zero)
        #expect(MoneyTotal(minorUnits: -5).description == "-0.05")
    }
}
