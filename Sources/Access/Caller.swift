/// Who makes a call, as far as the door knows.
package struct Caller: Sendable, Hashable {
    /// The name in the tokens file, or the one that a trusted service states.
    package let name: String
    /// What it may do; nil where the daemon has no tokens and everybody may do everything.
    package let role: Role?

    /// - Parameters: as the properties; `name` is a ``CallerName``'s text.
    package init(name: String, role: Role?) {
        self.name = name
        self.role = role
    }

    /// Anybody, where a daemon has no tokens.
    package static let anonymous = Caller(name: "anonymous", role: nil)
}

/// A name that may stand in a tokens file, in a header, in a row and in a log: 1 to 64 letters,
/// digits, dots, dashes and underscores of ASCII, the first a letter or a digit.
package struct CallerName: Sendable, Hashable {
    /// The name.
    package let text: String

    /// Nil for what is no name.
    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed),
            let first = text.utf8.first, Self.isAlphanumeric(first)
        else { return nil }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
