/// A line of text being edited. Holds at most ``limit`` characters and never a control character.
package struct TextInput: Hashable, Sendable {
    /// The text.
    package private(set) var text: String
    /// Characters (grapheme clusters) before the cursor.
    package private(set) var cursor: Int

    /// Characters a line may have; a description has at most 1,000 scalars.
    package static let limit = 1_024

    /// - Parameter text: cut to ``limit``; the cursor stands at its end.
    package init(_ text: String = "") {
        self.text = ""
        cursor = 0
        insert(text)
    }
}

extension TextInput {
    /// Puts text at the cursor: line breaks and tabs become spaces, other controls are left out.
    package mutating func insert(_ added: String) {
        // Scalars that combine with what stands before can only be counted after the join.
        var joined = String(text.prefix(cursor))
        let rest = String(text.dropFirst(cursor))
        var room = Self.limit * 4 - text.unicodeScalars.count
        for scalar in added.unicodeScalars where room > 0 {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: joined.unicodeScalars.append(" ")
            case 0x00...0x1F, 0x7F...0x9F: continue
            case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: continue
            default: joined.unicodeScalars.append(scalar)
            }
            room -= 1
        }
        let head = String(joined.prefix(max(cursor, Self.limit - rest.count)))
        text = head + rest
        cursor = min(head.count, text.count)
    }
}
