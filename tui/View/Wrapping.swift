extension Screen {
    /// Characters of one line that are looked at: more than any pane has room for.
    private static let wrapLimit = 4_000

    /// Breaks a line that is too long for its room, at spaces where it has some.
    ///
    /// - Parameters:
    ///   - columns: the room; under 8 there is no use in breaking.
    ///   - indent: columns left free before all lines but the first.
    func wrapped(_ spans: [Span], to columns: Int, indent: Int = 0) -> [[Span]] {
        guard columns >= 8, self.columns(spans) > columns else { return [spans] }
        let indent = min(indent, columns / 2)
        let margin = Span(String(repeating: " ", count: indent), theme(.text))
        var lines: [[Span]] = []
        var line: [Piece] = []
        var used = 0
        for piece in pieces(spans) {
            line.append(piece)
            used += piece.columns
            guard used > columns - (lines.isEmpty ? 0 : indent) else { continue }
            // The last space is where the line ends; without one it ends where the room does.
            let space = line.dropLast().lastIndex { $0.character == " " } ?? line.count - 2
            let end = max(0, space)
            let head = Self.joined(line[...end])
            lines.append(lines.isEmpty ? head : [margin] + head)
            line = Array(line[(end + 1)...].drop { $0.character == " " })
            used = line.reduce(0) { $0 + $1.columns }
        }
        if !line.isEmpty {
            let rest = Self.joined(line[...])
            lines.append(lines.isEmpty ? rest : [margin] + rest)
        }
        return lines
    }

    private struct Piece {
        let character: Character
        let style: Style
        let columns: Int
    }

    private func pieces(_ spans: [Span]) -> [Piece] {
        let all = spans.lazy.flatMap { span in
            span.text.lazy.map { character in
                Piece(
                    character: character, style: span.style,
                    columns: String(character).columns(ascii: theme.isASCII))
            }
        }
        return Array(all.prefix(Self.wrapLimit))
    }

    private static func joined(_ pieces: ArraySlice<Piece>) -> [Span] {
        var spans: [Span] = []
        var text = ""
        var style: Style?
        for piece in pieces {
            if let style, style != piece.style {
                spans.append(Span(text, style))
                text = ""
            }
            style = piece.style
            text.append(piece.character)
        }
        if let style { spans.append(Span(text, style)) }
        return spans
    }
}
