/// A customer's name, chosen by whoever calls: 1 to 128 bytes of UTF-8 without control or bidi
/// characters.
///
/// Two names are the same when their bytes are: PostgreSQL compares so, Swift's `String` does not.
package struct UserID: Sendable {
    /// The name itself.
    package let text: String

    /// Bytes of UTF-8 that a name may have.
    package static let byteLimit = 128

    /// Why a text is no user id; the API has words for each.
    package enum ParseError: Error, Equatable, Sendable {
        case empty
        case tooLong
        case forbiddenCharacter
    }

    /// - Throws: ``ParseError``.
    package init(_ text: String) throws(ParseError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.byteLimit else { throw .tooLong }
        guard !text.hasForbiddenCharacter else { throw .forbiddenCharacter }
        self.text = text
    }
}

extension UserID: Hashable, Comparable {
    package static func == (left: UserID, right: UserID) -> Bool {
        left.text.hasBytes(of: right.text)
    }

    package static func < (left: UserID, right: UserID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension UserID: CustomStringConvertible {
    package var description: String { text }
}
