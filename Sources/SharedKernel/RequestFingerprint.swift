import JSON

/// What a request asks for, in one text: two requests are the same when their texts are.
///
/// It is made of the values that were read, not of the bytes that came: white space, the order of
/// members, `42.5` for `42.50`, the door and the path do not make another request. Stores keep its
/// SHA-256 alone.
package struct RequestFingerprint: Sendable {
    /// A JSON array of the operation and the values, so no value can be taken for two.
    package let text: String

    /// - Parameters:
    ///   - operation: a name that stays the same for ever: stored fingerprints hold it.
    ///   - values: the request's values, each in its one canonical text.
    package init(_ operation: String, _ values: String...) {
        text = JSONValue.array(([operation] + values).map { .string($0) }).text
    }
}

extension RequestFingerprint: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
