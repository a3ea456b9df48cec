/// The contract's rule for amounts, for an operator's typing: 0.01 to 9,999,999,999.99.
package enum AmountText {
    /// Why a text is no amount; the words stand beside the field.
    package enum Complaint: Error, Hashable, Sendable {
        case empty, notANumber, tooManyDecimals, tooSmall, tooLarge

        /// The complaint as a sentence.
        package var text: String {
            switch self {
            case .empty: "an amount is needed"
            case .notANumber: "not a number such as 12.50"
            case .tooManyDecimals: "at most two decimals"
            case .tooSmall: "at least 0.01"
            case .tooLarge: "at most 9999999999.99"
            }
        }
    }

    /// The greatest amount.
    package static let greatest = Cents(999_999_999_999)

    /// Reads digits with at most one point and two decimals; spaces around and, as between
    /// thousands, within the whole part are passed over. A comma is refused: it means thousands
    /// to some and a point to others.
    package static func parse(
        _ text: String, allowingZero: Bool = false
    ) -> Result<Cents, Complaint> {
        var units: Int64 = 0
        var decimals: Int?
        var digits = 0
        let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") }
        guard !bytes.isEmpty else { return .failure(.empty) }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                if let seen = decimals {
                    guard seen < 2 else { return .failure(.tooManyDecimals) }
                    decimals = seen + 1
                }
                guard units < Int64.max / 100 else { return .failure(.tooLarge) }
                units = units * 10 + Int64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: ".") where decimals == nil && digits > 0: decimals = 0
            case UInt8(ascii: "-") where digits == 0: return .failure(.tooSmall)
            default: return .failure(.notANumber)
            }
        }
        guard digits > 0, decimals != 0 else { return .failure(.notANumber) }
        for _ in (decimals ?? 0)..<2 {
            guard units < Int64.max / 100 else { return .failure(.tooLarge) }
            units *= 10
        }
        guard units > 0 || allowingZero else { return .failure(.tooSmall) }
        guard units <= greatest.value else { return .failure(.tooLarge) }
        return .success(Cents(units))
    }
}
