/// The contract's rules for names and descriptions, in words for an operator.
package enum TextRules {
    /// What is wrong with a user id; nil when it is fine.
    ///
    /// 1 to 128 bytes of UTF-8 without control or bidi characters. Spaces at either end are the
    /// contract's to allow, but are almost always a slip of a paste, so they are refused here.
    package static func complaint(user: String) -> String? {
        if user.isEmpty { return "a user id is needed" }
        if user.utf8.count > 128 { return "at most 128 bytes" }
        if hasForbidden(user) { return "no control or bidi characters" }
        if user.hasPrefix(" ") || user.hasSuffix(" ") { return "no space at either end" }
        return nil
    }

    /// What is wrong with a description; nil when it is fine: 0 to 1,000 scalars.
    package static func complaint(description: String) -> String? {
        if description.unicodeScalars.count > 1_000 { return "at most 1000 characters" }
        return hasForbidden(description) ? "no control or bidi characters" : nil
    }

    /// Whether a control (C0, C1, DEL) or bidi character is in the text.
    static func hasForbidden(_ text: String) -> Bool {
        text.unicodeScalars.contains(where: isForbidden)
    }

    static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
