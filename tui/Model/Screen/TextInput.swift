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

extension TextInput {
    /// Does what a key does in a line of text; false where the key means nothing here.
    package mutating func edit(_ key: Key) -> Bool {
        let (before, after) = (text.prefix(cursor), text.dropFirst(cursor))
        switch key {
        case .character(let character): insert(String(character))
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .backspace, .control("h"): replace(String(before.dropLast()), String(after))
        case .delete, .control("d"): replace(String(before), String(after.dropFirst()))
        case .control("u"): replace("", String(after))
        case .control("k"): replace(String(before), "")
        case .control("w"):
            let trimmed = before.reversed().drop { $0 == " " }.drop { $0 != " " }
            replace(String(trimmed.reversed()), String(after))
        default: return false
        }
        return true
    }

    /// Deleting may join what stood apart into one character; the cursor stays inside the text.
    private mutating func replace(_ before: String, _ after: String) {
        text = before + after
        cursor = min(before.count, text.count)
    }
}
