import KassaModel

extension Screen {
    /// Draws the border and title of a pane and returns what is inside.
    ///
    /// The pane in focus is told by brackets round its title, not by colour alone.
    mutating func open(
        _ pane: Pane, _ rect: Rect, title: [Group] = [], footer: [Span] = []
    ) -> Rect {
        let isFocused = state.focus == pane
        let name = Group(
            0,
            [
                Span(isFocused ? "[" : " ", theme(isFocused ? .focus : .border)),
                Span("\(pane.rawValue) \(pane.title)", theme(isFocused ? .focus : .heading)),
                Span(isFocused ? "] " : " ", theme(isFocused ? .focus : .border)),
            ])
        guard layout.extent != .single else {
            drawTabs(name, title, in: rect.line(0))
            return Rect(
                column: rect.column, row: rect.row + 1, columns: rect.columns, rows: rect.rows - 1)
        }
        let style = theme(isFocused ? .focus : .border)
        let isCorner =
            layout.panes[layout.extent == .full ? layout.panes.count - 1 : 0].pane == pane
        let hidden = isCorner ? hiddenPanes : []
        let reserved = hidden.reduce(0) { $0 + $1.name.count }
        drawBox(
            rect, style: style, title: [name] + title, footer: footer,
            reserved: rect.columns - reserved < 28 ? 0 : reserved)
        if rect.columns - reserved >= 28 { drawHidden(hidden, in: rect.line(0)) }
        return rect.inset()
    }

    /// The panes that have no place now.
    private var hiddenPanes: [(pane: Pane, name: String)] {
        Pane.allCases.filter { pane in !layout.panes.contains { $0.pane == pane } }
            .map { ($0, " \($0.rawValue) \($0.title) ") }
    }

    /// Panes at the end of a border; pressed, they get a place.
    private mutating func drawHidden(_ hidden: [(pane: Pane, name: String)], in line: Rect) {
        var start = line.columns - 2 - hidden.reduce(0) { $0 + $1.name.count }
        for (pane, name) in hidden {
            write([Span(name, theme(.faint))], in: line, from: start)
            frame.mark(
                Rect(column: line.column + start, row: line.row, columns: name.count, rows: 1),
                as: .pane(pane))
            start += name.count
        }
    }

    /// One pane alone: the others are numbers before and behind its name.
    private mutating func drawTabs(_ name: Group, _ title: [Group], in line: Rect) {
        var start = 0
        for pane in Pane.allCases {
            let text = "\(pane.rawValue) "
            let isShown = state.focus == pane
            let columns = isShown ? columns(name.spans) : text.count
            let tab = Rect(column: line.column + start, row: line.row, columns: columns, rows: 1)
            write(isShown ? name.spans : [Span(text, theme(.faint))], in: tab)
            frame.mark(tab, as: .pane(pane))
            start += columns
        }
        let rest = Rect(
            column: line.column + start, row: line.row, columns: line.columns - start, rows: 1)
        write(title, in: rest, gap: 0)
    }

    /// A box with a title in its upper edge and a footer, to the right, in its lower.
    ///
    /// - Parameter reserved: columns of the upper edge that are left to something else.
    mutating func drawBox(
        _ rect: Rect, style: Style, title: [Group], footer: [Span] = [], reserved: Int = 0
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
        let upper = edge(rect.column + 2, rect.row, rect.columns - 4 - reserved, 1)
        write(title, in: upper, gap: 0)
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
