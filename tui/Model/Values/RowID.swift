/// What a row is known by: an order's id or an account's user id, compared byte by byte.
///
/// Swift's `String` holds "é" and "e" with an accent for the same text; the API does not, and two
/// such accounts are two rows.
package struct RowID: Hashable, Comparable, Sendable {
    /// The id as the API gave it.
    package let text: String

    /// - Parameter text: an order id or a user id, of any length.
    package init(_ text: String) { self.text = text }

    package static func == (left: RowID, right: RowID) -> Bool {
        guard left.text.utf8.count == right.text.utf8.count else { return false }
        var (own, other) = (left.text, right.text)
        return own.withUTF8 { own in other.withUTF8 { own.elementsEqual($0) } }
    }

    package static func < (left: RowID, right: RowID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
