/// A piece of a line and its look.
struct Span {
    let text: String
    let style: Style

    init(_ text: String, _ style: Style) {
        self.text = text
        self.style = style
    }
}

extension Screen {
    /// Columns that the pieces take together.
    func columns(_ spans: [Span]) -> Int {
        spans.reduce(0) { $0 + $1.text.columns(upTo: 2_000, ascii: theme.isASCII) }
    }

    /// Writes the pieces one after another and returns the column behind them.
    @discardableResult
    mutating func write(
        _ spans: some Sequence<Span>, in line: Rect, from start: Int = 0
    ) -> Int {
        var used = start
        for span in spans {
            used += frame.write(
                span.text, in: line, from: used, style: span.style, ellipsis: glyphs.ellipsis)
        }
        return used
    }

    /// Writes the pieces so that they end at the right edge, where they fit behind `start`.
    mutating func writeRight(_ spans: [Span], in line: Rect, after start: Int) {
        let count = columns(spans)
        guard start + count < line.columns else { return }
        write(spans, in: line, from: line.columns - count)
    }

    /// Writes groups in their order, leaving out the least important ones until the rest fits.
    ///
    /// - Returns: the column behind the last.
    @discardableResult
    mutating func write(_ groups: [Group], in line: Rect, gap: Int = 2) -> Int {
        var kept = groups.filter { !$0.spans.isEmpty }
        func needed() -> Int {
            kept.reduce(0) { $0 + columns($1.spans) } + max(0, kept.count - 1) * gap
        }
        while needed() > line.columns,
            let least = kept.indices.max(by: {
                kept[$0].rank < kept[$1].rank
            }), kept[least].rank > 0
        {
            kept.remove(at: least)
        }
        var used = 0
        for (place, group) in kept.enumerated() {
            used = write(group.spans, in: line, from: used + (place == 0 ? 0 : gap))
        }
        return used
    }
}

/// Pieces of a line that stay or go together; rank 0 always stays, the highest goes first.
struct Group {
    let rank: Int
    let spans: [Span]

    init(_ rank: Int, _ spans: [Span]) {
        self.rank = rank
        self.spans = spans
    }
}
