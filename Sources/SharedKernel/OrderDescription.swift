/// What was ordered, in the customer's words: 0 to 1,000 characters without control or bidi
/// characters.
package struct OrderDescription: Hashable, Sendable {
    /// The words themselves.
    package let text: String

    /// Unicode scalars that a description may have.
    package static let characterLimit = 1_000

    /// Why a text is no description; the API has words for each.
    package enum ParseError: Error, Equatable, Sendable {
        case tooLong
        case forbiddenCharacter
    }

    /// - Throws: ``ParseError``.
    package init(_ text: String) throws(ParseError) {
        // Bytes are never fewer than the scalars, and are counted already.
        guard
            text.utf8.count <= Self.characterLimit
                || text.unicodeScalars.count <= Self.characterLimit
        else { throw .tooLong }
        guard !text.hasForbiddenCharacter else { throw .forbiddenCharacter }
        self.text = text
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.text.hasBytes(of: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// Whether a control (C0, C1, DEL) or bidi character is in the text: either could make an
    /// operator's terminal show something other than what is stored.
    var hasForbiddenCharacter: Bool {
        // Nearly every text is printable ASCII.
        !isWithin(0x20...0x7E)
            && unicodeScalars.contains { scalar in
                switch scalar.value {
                case 0x00...0x1F, 0x7F...0x9F: true
                case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
                default: false
                }
            }
    }
}
