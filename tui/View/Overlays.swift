import KassaModel

extension Screen {
    /// Opens a box over the panes; where there is little room it takes all of it.
    mutating func openBox(
        columns: Int, rows: Int, title: String, footer: String = ""
    ) -> Rect {
        let size = frame.size
        let isSmall = layout.extent == .single
        let width = isSmall ? size.columns : min(columns, size.columns - 2)
        let height = isSmall ? size.rows : min(rows, size.rows - 2)
        let rect = Rect(
            column: (size.columns - width) / 2, row: (size.rows - height) / 2, columns: width,
            rows: height)
        frame.fill(rect)
        let around = footer.isEmpty ? [] : [Span(" \(footer) ", theme(.faint))]
        drawBox(
            rect, style: theme(.focus), title: [Span(" \(title) ", theme(.focus))], footer: around)
        return rect.inset()
    }

    /// The key map, as it is in force.
    mutating func drawHelp(top: Int) {
        var lines: [[Span]] = []
        for section in KeyMap.help(isReadOnly: state.settings.isReadOnly) {
            if !lines.isEmpty { lines.append([]) }
            lines.append([Span(section.group, theme(.heading))])
            for (keys, help) in section.lines {
                lines.append([
                    Span("  " + Self.padded(keys, to: 18), theme(.accent)),
                    Span(help, theme(.text)),
                ])
            }
        }
        lines += [[], [Span("signs", theme(.heading))]]
        lines += OrderStatus.allCases.map { status in
            [
                Span("  \(theme.sign(of: status)) \(status.rawValue)", theme(status: status))
            ]
        }
        let area = openBox(
            columns: 84, rows: lines.count + 2, title: "Help",
            footer: "\(Key.down.name) \(Key.up.name) scroll \(glyphs.dot) Esc closes")
        drawScrolled(lines, top: top, in: area)
    }

    /// The selected order as the gateway gave it.
    mutating func drawRaw(top: Int) {
        let text = state.selectedDetail?.raw ?? "not here yet"
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            [Span(String($0), theme(.text))]
        }
        let area = openBox(
            columns: 100, rows: max(10, lines.count + 2), title: "JSON",
            footer: "y copies the id \(glyphs.dot) Esc closes")
        drawScrolled(lines, top: top, in: area)
    }

    private mutating func drawScrolled(_ lines: [[Span]], top: Int, in area: Rect) {
        let first = max(0, min(top, lines.count - area.rows))
        for (place, line) in lines.dropFirst(first).prefix(area.rows).enumerated() {
            write(line, in: area.line(place), from: 1)
        }
        if lines.count > area.rows + first {
            let mark = Rect(
                column: area.column + area.columns - 1, row: area.row + area.rows - 1, columns: 1,
                rows: 1)
            frame.write(glyphs.down, in: mark, style: theme(.focus))
        }
    }
}
