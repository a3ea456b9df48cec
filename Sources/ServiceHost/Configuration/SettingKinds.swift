extension Setting where Value == String {
    /// Text of any kind but empty.
    package static func text(
        _ name: String, _ summary: String, default fallback: String? = nil
    ) -> Setting {
        Setting(name, summary, default: fallback, expected: "a text that is not empty") {
            $0.isEmpty ? nil : $0
        }
    }

    /// A URL with one of the schemes.
    ///
    /// - Parameter isSecret: whether it may hold a password and so is never shown.
    package static func url(
        _ name: String, _ summary: String, schemes: [String], default fallback: String? = nil,
        isSecret: Bool = false
    ) -> Setting {
        let starts = schemes.map { "\($0)://" }
        return Setting(
            name, summary, default: fallback, isSecret: isSecret,
            expected: "a URL that starts with \(starts.joined(separator: " or "))"
        ) { text in
            starts.contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count } ? text : nil
        }
    }
}

extension Setting where Value == Int {
    /// A whole number within bounds.
    package static func integer(
        _ name: String, _ summary: String, in bounds: ClosedRange<Int>, default fallback: Int?
    ) -> Setting {
        Setting(
            name, summary, default: fallback.map(String.init),
            expected: "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        ) { text in
            Int(text).flatMap { bounds.contains($0) ? $0 : nil }
        }
    }

    /// A TCP port; 0 takes a free one.
    package static func port(
        _ name: String, _ summary: String, default fallback: Int
    ) -> Setting {
        .integer(name, summary, in: 0...65_535, default: fallback)
    }
}

extension Setting where Value == Bool {
    /// True or false, in the words that people use for them.
    package static func boolean(
        _ name: String, _ summary: String, default fallback: Bool
    ) -> Setting {
        Setting(name, summary, default: "\(fallback)", expected: "true or false") { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }
}

extension Setting where Value == Duration {
    /// Seconds, with decimals.
    package static func seconds(
        _ name: String, _ summary: String, in bounds: ClosedRange<Double>,
        default fallback: String
    ) -> Setting {
        Setting(
            name, summary, default: fallback,
            expected: "seconds from \(bounds.lowerBound) to \(bounds.upperBound)"
        ) { text in
            Double(text).flatMap { bounds.contains($0) ? .seconds($0) : nil }
        }
    }
}
