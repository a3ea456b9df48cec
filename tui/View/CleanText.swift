/// Text from outside as cells: nothing of it can move the cursor, change a mode or reorder a line.
///
/// This is the last line of defence, whatever was checked before: controls and bidirectional
/// overrides show as a replacement character, joiners and selectors vanish, marks keep to a base.
package struct CleanText: Sequence, Sendable {
    private let text: String
    private let isASCII: Bool

    /// The cells of a text; with `ascii`, what is not ASCII shows as the escape that would write
    /// it, so that two names never look the same: `Zo\xeb`, `\u4e16`, `\U0001f600`.
    package init(_ text: String, ascii: Bool = false) {
        self.text = text
        self.isASCII = ascii
    }

    /// Reads the text once, cell by cell, so that 10,000 characters cost what is shown of them.
    package func makeIterator() -> Iterator {
        Iterator(scalars: text.unicodeScalars.makeIterator(), isASCII: isASCII)
    }

    /// The next cell of a text, in plain style.
    package struct Iterator: IteratorProtocol {
        private var scalars: String.UnicodeScalarView.Iterator
        private let isASCII: Bool
        private var held: Unicode.Scalar?
        private var escape = ""[...].unicodeScalars

        fileprivate init(scalars: String.UnicodeScalarView.Iterator, isASCII: Bool) {
            self.scalars = scalars
            self.isASCII = isASCII
        }

        /// The next cell; nil at the end.
        package mutating func next() -> Cell? {
            if let scalar = escape.popFirst() { return Cell(scalar) }
            guard let first = nextScalar() else { return nil }
            if isASCII {
                guard first.value > 0x7E else { return Cell(first) }
                escape = Self.escape(first)[...].unicodeScalars
                return escape.popFirst().map { Cell($0) }
            }
            var cell = Cell(first, columns: UInt8(ColumnWidth.of(first)))
            if cell.columns == 0 {
                cell = Cell(" ")
                cell.marks.append(first)
            }
            takeMarks(of: &cell)
            return cell
        }

        private static func escape(_ scalar: Unicode.Scalar) -> String {
            let digits = String(scalar.value, radix: 16)
            let (sign, length) =
                switch scalar.value {
                case ..<0x100: ("\\x", 2)
                case ..<0x1_0000: ("\\u", 4)
                default: ("\\U", 8)
                }
            return sign + String(repeating: "0", count: length - digits.count) + digits
        }

        private mutating func takeMarks(of cell: inout Cell) {
            while let mark = nextScalar(after: cell) {
                guard mark.value >= 0x300, ColumnWidth.of(mark) == 0 else {
                    held = mark
                    return
                }
                cell.marks.append(mark)
            }
        }

        private mutating func nextScalar(after cell: Cell? = nil) -> Unicode.Scalar? {
            if let scalar = held {
                held = nil
                return scalar
            }
            while let scalar = scalars.next() {
                // A skin tone would melt into the emoji before it in some terminals.
                if cell?.columns == 2, (0x1F3FB...0x1F3FF).contains(scalar.value) { continue }
                switch CleanText.judge(scalar) {
                case .keep: return scalar
                case .replace: return isASCII ? "?" : "\u{FFFD}"
                case .drop: continue
                }
            }
            return nil
        }
    }

    private enum Judgement { case keep, replace, drop }

    private static func judge(_ scalar: Unicode.Scalar) -> Judgement {
        switch scalar.value {
        case 0x20...0x7E: return .keep
        case ..<0xA0: return .replace
        case 0xAD, 0x34F, 0xFE00...0xFE0F, 0xE0100...0xE01EF: return .drop
        case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return .replace
        case 0x115F, 0x1160, 0x3164, 0xFFA0: return .replace
        case ..<0x300: return .keep
        default: break
        }
        switch scalar.properties.generalCategory {
        case .format: return .drop
        case .control, .privateUse, .unassigned, .surrogate, .lineSeparator, .paragraphSeparator:
            return .replace
        default: return .keep
        }
    }
}

extension String {
    /// The columns that the text takes, counted to at most `limit`.
    package func columns(upTo limit: Int = .max, ascii: Bool = false) -> Int {
        var count = 0
        for cell in CleanText(self, ascii: ascii) {
            count += Int(cell.columns)
            if count >= limit { return limit }
        }
        return count
    }
}
