import KassaModel

extension Screen {
    /// Draws the border and title of a pane and returns what is inside.
    ///
    /// The pane in focus is told by brackets round its title, not by colour alone.
    mutating func open(
        _ pane: Pane, _ rect: Rect, title: [Span] = [], footer: [Span] = []
    ) -> Rect {
        let isFocused = state.focus == pane
        var spans = [
            Span(isFocused ? "[" : " ", theme(isFocused ? .focus : .border)),
            Span("\(pane.rawValue) \(pane.title)", theme(isFocused ? .focus : .heading)),
            Span(isFocused ? "] " : " ", theme(isFocused ? .focus : .border)),
        ]
        spans += title
        guard layout.extent != .single else {
            write(spans, in: rect.line(0))
            return Rect(
                column: rect.column, row: rect.row + 1, columns: rect.columns, rows: rect.rows - 1)
        }
        drawBox(rect, style: theme(isFocused ? .focus : .border), title: spans, footer: footer)
        return rect.inset()
    }

    /// A box with a title in its upper edge and a footer, to the right, in its lower.
    mutating func drawBox(
        _ rect: Rect, style: Style, title: [Span], footer: [Span] = []
    ) {
        guard rect.columns >= 2, rect.rows >= 2 else { return }
        let corners = glyphs.corners
        let (right, bottom) = (rect.column + rect.columns - 1, rect.row + rect.rows - 1)
        func edge(_ column: Int, _ row: Int, _ columns: Int, _ rows: Int) -> Rect {
            Rect(column: column, row: row, columns: columns, rows: rows)
        }
        for row in [rect.row, bottom] {
            frame.fill(
                edge(rect.column, row, rect.columns, 1), with: glyphs.horizontal, style: style)
        }
        for column in [rect.column, right] {
            frame.fill(edge(column, rect.row, 1, rect.rows), with: glyphs.vertical, style: style)
        }
        let places = [
            (rect.column, rect.row), (right, rect.row), (rect.column, bottom), (right, bottom),
        ]
        for (place, corner) in zip(places, corners) {
            frame.fill(edge(place.0, place.1, 1, 1), with: corner, style: style)
        }
        write(title, in: edge(rect.column + 2, rect.row, rect.columns - 4, 1))
        if !footer.isEmpty {
            writeRight(footer, in: edge(rect.column + 2, bottom, rect.columns - 4, 1), after: -1)
        }
    }

    /// Says of a feed that its data is old, with its age, or nothing.
    func staleness(_ name: Feed.Name) -> [Span] {
        guard let feed = state.feeds[name], feed.outage != nil else { return [] }
        guard let goodAt = feed.goodAt else { return [Span(" NO DATA ", theme(.warning))] }
        let age = now &- goodAt
        let clock = UTCTime(milliseconds: state.moment.wall &- age).clock
        return [
            Span(" STALE \(Wording.age(age)) \(glyphs.dot) last good \(clock) ", theme(.warning))
        ]
    }
}
