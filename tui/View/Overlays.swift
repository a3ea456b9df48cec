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
            rect, style: theme(.focus), title: [Group(0, [Span(" \(title) ", theme(.focus))])],
            footer: around)
        return rect.inset()
    }

    /// The key map, as it is in force.
    mutating func drawHelp(top: Int) {
        let width = layout.extent == .single ? frame.size.columns : min(84, frame.size.columns - 2)
        let keyColumns = width < 60 ? 9 : 24
        var lines: [[Span]] = []
        for section in KeyMap.help(isReadOnly: state.settings.isReadOnly) {
            if !lines.isEmpty { lines.append([]) }
            lines.append([Span(section.group, theme(.heading))])
            for (keys, help) in section.lines {
                let line = [
                    Span("  " + Self.padded(keys, to: keyColumns) + " ", theme(.accent)),
                    Span(help, theme(.text)),
                ]
                lines += wrapped(line, to: width - 4, indent: keyColumns + 3)
            }
        }
        lines += [[], [Span("Signs", theme(.heading))]]
        lines += OrderStatus.allCases.map { status in
            [
                Span("  \(theme.sign(of: status)) \(status.rawValue)", theme(status: status))
            ]
        }
        let area = openBox(
            columns: width, rows: lines.count + 2, title: "Help",
            footer: "\(Key.down.name) \(Key.up.name) scroll \(glyphs.dot) Esc closes")
        drawScrolled(lines, top: top, in: area)
    }

    /// The selected order as the gateway gave it.
    mutating func drawRaw(top: Int) {
        let text = state.selectedDetail?.raw ?? "not here yet"
        let width = layout.extent == .single ? frame.size.columns : min(100, frame.size.columns - 2)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            let indent = line.prefix { $0 == " " }.count + 4
            return wrapped([Span(String(line), theme(.text))], to: width - 4, indent: indent)
        }
        let area = openBox(
            columns: width, rows: max(10, lines.count + 2), title: "JSON",
            footer: "y copies it \(glyphs.dot) Esc closes")
        drawScrolled(lines, top: top, in: area)
    }

    private mutating func drawScrolled(_ lines: [[Span]], top: Int, in area: Rect) {
        frame.extents.overlayScroll = max(0, lines.count - area.rows)
        let first = max(0, min(top, lines.count - area.rows))
        for (place, line) in lines.dropFirst(first).prefix(area.rows).enumerated() {
            write(line, in: area.line(place), from: 1)
        }
        drawMore(top: first, rows: area.rows, of: lines.count, in: area)
    }
}
