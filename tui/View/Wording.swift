import KassaModel

/// Numbers as the operator reads them; always ASCII, always the same width for the same size.
enum Wording {
    /// An age in milliseconds: `0.4s`, `12s`, `3m12s`, `2h03m`, `5d`.
    static func age(_ milliseconds: Int64) -> String {
        let value = max(0, milliseconds)
        switch value {
        case ..<10_000: return "\(value / 1_000).\(value / 100 % 10)s"
        case ..<60_000: return "\(value / 1_000)s"
        case ..<3_600_000: return "\(value / 60_000)m\(two(value / 1_000 % 60))s"
        case ..<86_400_000: return "\(value / 3_600_000)h\(two(value / 60_000 % 60))m"
        default: return "\(value / 86_400_000)d"
        }
    }

    /// Whole seconds left, never 0 while there is something left.
    static func countdown(_ milliseconds: Int64) -> String {
        "\(max(0, (milliseconds + 999) / 1_000))s"
    }

    /// How long something took, in microseconds: `0.8ms`, `18ms`, `1.2s`, `3m12s`.
    static func duration(_ microseconds: Int64) -> String {
        let value = max(0, microseconds)
        switch value {
        case ..<10_000: return "\(value / 1_000).\(value / 100 % 10)ms"
        case ..<1_000_000: return "\(value / 1_000)ms"
        default: return age(value / 1_000)
        }
    }

    /// A rate with one decimal: `12.4`, and none from 1,000 on.
    static func rate(_ value: Double) -> String {
        guard value.isFinite, value < 1e12 else { return "?" }
        if value >= 1_000 { return String(Int64(value)) }
        let tenths = Int64((max(0, value) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// A share of a whole: `97.1%`.
    static func share(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "-" }
        return rate(Double(part) * 100 / Double(whole)) + "%"
    }

    /// A count with spaces between thousands.
    static func count(_ value: Int) -> String {
        var text = ""
        for (place, digit) in String(value.magnitude).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { text.append(" ") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// Bytes: `312 B`, `6.7 kB`, `1.2 MB`.
    static func bytes(_ value: Int) -> String {
        switch value {
        case ..<1_000: return "\(value) B"
        case ..<1_000_000: return rate(Double(value) / 1_000) + " kB"
        default: return rate(Double(value) / 1_000_000) + " MB"
        }
    }

    /// The end of an order's id: its beginning is the time, and the same for its neighbours.
    static func shortID(_ id: String, ellipsis: Unicode.Scalar) -> String {
        let scalars = id.unicodeScalars
        guard scalars.count > 9 else { return id }
        return String(Character(ellipsis)) + String(String.UnicodeScalarView(scalars.suffix(8)))
    }

    /// A poll interval: `250ms`, `1.0s`, `30s`.
    static func interval(_ milliseconds: Int64) -> String {
        milliseconds < 1_000 ? "\(milliseconds)ms" : age(milliseconds)
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
