/// What a caller calls one intent of its own: whatever comes again under the same key is the same
/// intent, not a second one.
package struct IdempotencyKey: Hashable, Sendable {
    /// Whose key it is: two callers may use the same text and do not meet.
    package let caller: String
    /// The key as it was sent: 1 to 255 visible ASCII characters.
    package let text: String

    /// Characters that a key may have.
    package static let characterLimit = 255

    /// A text that is no key: empty, too long, or with something else than visible ASCII.
    package struct ParseError: Error, Equatable, Sendable {}

    /// - Parameters:
    ///   - text: as it was sent.
    ///   - caller: the name of who sent it; no empty one and no NUL in it.
    /// - Throws: ``ParseError``.
    package init(_ text: String, of caller: String) throws(ParseError) {
        guard (1...Self.characterLimit).contains(text.utf8.count),
            text.isWithin(0x21...0x7E)
        else { throw ParseError() }
        self.caller = caller
        self.text = text
    }

    /// The key together with what is asked for under it.
    package func claim(_ fingerprint: RequestFingerprint) -> IdempotencyClaim {
        IdempotencyClaim(key: self, fingerprint: fingerprint)
    }
}

/// A key, and what its caller asks for under it.
package struct IdempotencyClaim: Hashable, Sendable {
    /// Which intent it is.
    package let key: IdempotencyKey
    /// What is asked for; another one under the same key is a mistake of the caller's.
    package let fingerprint: RequestFingerprint
}
