import KassaModel

/// A column of a table on the screen.
struct TableColumn<Row> {
    let title: String
    let columns: Int
    var isRight = false
    /// The place among what the table can be sorted by; nil where it cannot.
    var sort: Int?
    let cell: (Row) -> Span
}

extension Screen {
    /// Title of a table: where the operator is, what is filtered, what is new.
    func title<Row: TableRow>(
        of table: Table<Row>, _ feed: Feed.Name, all: Int?, sortedBy hidden: String? = nil
    ) -> [Group] {
        let count = Wording.count(table.count)
        let place = table.selectedIndex.map { "row \(Wording.count($0 + 1)) of " } ?? ""
        var groups: [Group] = []
        if state.isFilled(feed) {
            groups.append(Group(3, [Span("\(glyphs.dot) \(place)\(count) ", theme(.faint))]))
        }
        if let all, all > table.total {
            let text = "\(glyphs.dot) \(Wording.count(all)) in all "
            groups.append(Group(4, [Span(text, theme(.faint))]))
        }
        if let hidden {
            let arrow = table.sort.isDescending ? glyphs.down : glyphs.up
            groups.append(Group(5, [Span("\(glyphs.dot) by \(hidden) \(arrow) ", theme(.faint))]))
        }
        if !table.filter.isEmpty {
            let hidden = Wording.count(table.total - table.count)
            let filter = Span("\(glyphs.dot) /\(table.filter.text) ", theme(.warning))
            groups.append(Group(1, [filter]))
            groups.append(Group(4, [Span("(\(hidden) hidden) ", theme(.faint))]))
        }
        if table.newCount > 0 {
            let text = "\(glyphs.dot) \(glyphs.up)\(Wording.count(table.newCount)) new "
            groups.append(Group(2, [Span(text, theme(.accent))]))
            groups.append(Group(6, [Span("(f follow) ", theme(.accent))]))
        }
        return groups
    }

    /// The footer: whether rows move, behind what else there is to say.
    func footer<Row: TableRow>(
        of table: Table<Row>, _ feed: Feed.Name, _ before: String? = nil
    ) -> [Span] {
        let stale = staleness(feed)
        if !stale.isEmpty { return stale }
        var words = [before].compactMap { $0 }
        if table.frozenUntil != nil {
            words.append(before == nil ? "rows hold still while you move" : "held")
        } else if table.isFollowing {
            words.append("following")
        }
        return words.isEmpty
            ? [] : [Span(" \(words.joined(separator: " \(glyphs.dot) ")) ", theme(.faint))]
    }

    /// Draws headings and rows; what is stale is dimmed, the selected row is marked.
    mutating func draw<Row: TableRow>(
        _ table: Table<Row>, _ columns: [TableColumn<Row>], pane: Pane, feed: Feed.Name,
        in area: Rect
    ) {
        let isStale = state.feeds[feed]?.outage != nil
        let isFocused = state.focus == pane
        drawHeadings(table, columns, pane: pane, in: area.line(0))
        let height = max(0, area.rows - 1)
        frame.extents.rows[pane] = height
        for place in 0..<min(height, max(0, table.count - table.top)) {
            let index = table.top + place
            let row = table.row(at: index)
            let line = area.line(place + 1)
            frame.mark(line, as: .row(pane, index: index))
            let isSelected = table.selected == row.rowID
            if isSelected { frame.write(glyphs.marker, in: line, style: theme(.focus)) }
            var start = 1
            for column in columns {
                let span = column.cell(row)
                let cell = Rect(
                    column: line.column + start, row: line.row,
                    columns: min(column.columns, line.columns - start), rows: 1)
                write(span, in: cell, isRight: column.isRight)
                start += column.columns + 1
            }
            if isStale { frame.restyle(line, theme.stale) }
            if isSelected {
                frame.restyle(line) { theme.selected($0, inFocus: isFocused) }
            }
        }
        if table.count == 0 { drawEmpty(table, feed, in: area.line(min(2, area.rows - 1))) }
    }

    private mutating func drawHeadings<Row: TableRow>(
        _ table: Table<Row>, _ columns: [TableColumn<Row>], pane: Pane, in line: Rect
    ) {
        let sorted = Array(Row.Column.allCases).firstIndex(of: table.sort.column)
        var start = 1
        for column in columns {
            let cell = Rect(
                column: line.column + start, row: line.row,
                columns: min(column.columns, line.columns - start), rows: 1)
            let isSorted = column.sort != nil && column.sort == sorted
            let arrow = isSorted ? (table.sort.isDescending ? glyphs.down : glyphs.up) : ""
            let style = theme(isSorted ? .accent : .faint)
            write(Span(column.title + arrow, style), in: cell, isRight: column.isRight)
            if let sort = column.sort { frame.mark(cell, as: .heading(pane, column: sort)) }
            start += column.columns + 1
        }
    }

    private mutating func write(_ span: Span, in cell: Rect, isRight: Bool) {
        let used =
            isRight
            ? span.text.columns(upTo: cell.columns, ascii: theme.isASCII) : cell.columns
        frame.write(
            span.text, in: cell, from: cell.columns - used, style: span.style,
            ellipsis: glyphs.ellipsis)
    }

    private mutating func drawEmpty<Row: TableRow>(
        _ table: Table<Row>, _ feed: Feed.Name, in line: Rect
    ) {
        let text: String
        if !table.filter.isEmpty, table.total > 0 {
            text = "nothing matches the filter; Esc clears it"
        } else if !state.isFilled(feed) {
            text = waiting(for: feed)
        } else {
            text = feed == .accounts ? "no accounts yet" : "no orders yet"
        }
        write([Span(text, theme(.faint))], in: line, from: 1)
    }

    /// Why a table that was never filled is still empty.
    private func waiting(for feed: Feed.Name) -> String {
        guard let outage = state.feeds[feed]?.outage else { return "waiting for the gateway" }
        let left = outage.retryAt &- now
        let next = left > 0 ? "next try in \(Wording.countdown(left))" : "trying"
        return "no data: \(outage.failure.text); \(next)"
    }
}
