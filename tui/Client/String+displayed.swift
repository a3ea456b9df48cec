extension String {
    /// The text as a terminal may show it: control, bidi and joining characters become U+FFFD,
    /// and what is too long ends in an ellipsis.
    ///
    /// The contract forbids such characters, but whoever answers may not keep to it.
    ///
    /// - Parameter limit: Unicode scalars that may remain, at least 1.
    package func displayed(upTo limit: Int = 1_000) -> String {
        var shown = String.UnicodeScalarView()
        var count = 0
        for scalar in unicodeScalars {
            guard count < limit else {
                shown.removeLast()
                shown.append("…")
                break
            }
            shown.append(scalar.steersTerminal ? "\u{FFFD}" : scalar)
            count += 1
        }
        return String(shown)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal acts on it instead of showing it, or shows others differently for it.
    fileprivate var steersTerminal: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        case 0xE0000...0xE007F, 0xFFF9...0xFFFB: true
        default: false
        }
    }
}
