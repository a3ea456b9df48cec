import KassaModel

extension Screen {
    /// What happened, newest last.
    mutating func drawLog(_ rect: Rect) {
        let log = state.log
        let events = log.lines.count == 1 ? "1 event" : "\(Wording.count(log.lines.count)) events"
        var title = "\(glyphs.dot) \(events)"
        if log.errors > 0 { title += log.errors == 1 ? ", 1 error" : ", \(log.errors) errors" }
        let style = theme(log.errors > 0 ? .warning : .faint)
        let area = open(
            .log, rect, title: [Group(1, [Span(title + " ", style)])],
            footer: log.scroll > 0 ? [Span(" \(log.scroll) newer below ", theme(.faint))] : [])
        frame.extents.rows[.log] = area.rows
        let end = max(0, log.lines.count - max(0, log.scroll))
        let lines = log.lines[max(0, end - area.rows)..<end]
        if lines.isEmpty {
            let text = "nothing has happened since the start"
            write([Span(text, theme(.faint))], in: area.line(0), from: 1)
        }
        for (place, line) in lines.enumerated() {
            write(spans(of: line), in: area.line(place), from: 1)
        }
    }

    /// A line of the log: time, sign and words, so that its level needs no colour.
    func spans(of line: EventLog.Line) -> [Span] {
        let (sign, role): (String, Role) =
            switch line.level {
            case .info: (glyphs.dot, .text)
            case .success: (glyphs.paid, .paid)
            case .warning: ("!", .warning)
            case .error: (glyphs.failed, .failed)
            }
        let again = line.count > 1 ? " (\(line.count) times)" : ""
        return [
            Span(UTCTime(milliseconds: line.wall).clock + " ", theme(.faint)),
            Span("\(sign) \(line.text)", theme(role)), Span(again, theme(.faint)),
        ]
    }

    /// The newest event, or what is being typed.
    mutating func drawMessage() {
        switch state.overlay {
        case .filter: drawTyped("/", state.filterInput)
        case .command: drawCommand()
        default:
            guard let line = state.log.lines.last else { return }
            guard layout.extent == .single else {
                write(spans(of: line), in: layout.message, from: 1)
                return
            }
            guard state.overlay == nil, isNews(line) else { return }
            frame.fill(layout.message)
            write(spans(of: line).dropFirst(), in: layout.message, from: 1)
        }
    }

    /// Whether a line is to be seen where it shares its place with the keys.
    private func isNews(_ line: EventLog.Line) -> Bool {
        let isTrouble = if case .lost = state.connection { line.level == .error } else { false }
        return isTrouble || state.moment.wall &- line.wall < 6_000
    }

    private mutating func drawCommand() {
        let input = state.commandLine.input
        drawTyped(":", input)
        let typed = input.text.columns(upTo: layout.message.columns, ascii: theme.isASCII) + 3
        if let complaint = state.commandLine.complaint {
            let spans = [Span("\(glyphs.failed) \(complaint)", theme(.failed))]
            write(spans, in: layout.message, from: typed)
            return
        }
        let spans = state.commandLine.completions.prefix(20).enumerated().map { place, text in
            let isChosen = place == state.commandLine.chosen
            return Span(
                isChosen ? "[\(text)] " : " \(text) ", theme(isChosen ? .focus : .faint))
        }
        write(Array(spans), in: layout.message, from: typed)
    }

    private mutating func drawTyped(_ sign: String, _ input: TextInput) {
        let line = layout.message
        frame.fill(line)
        write([Span(sign, theme(.accent))], in: line)
        let field = Rect(
            column: line.column + 1, row: line.row, columns: line.columns - 1, rows: 1)
        drawInput(input, in: field, style: theme(.text))
    }

    /// A line being edited, scrolled so that the cursor is in view.
    mutating func drawInput(_ input: TextInput, in field: Rect, style: Style) {
        guard field.columns > 1 else { return }
        let before = Array(input.text.prefix(input.cursor))
        var start = before.count
        var used = 0
        while start > 0 {
            let columns = String(before[start - 1]).columns(ascii: theme.isASCII)
            guard used + columns < field.columns else { break }
            used += columns
            start -= 1
        }
        frame.write(String(input.text.dropFirst(start)), in: field, style: style)
        frame.cursor = Frame.Place(column: field.column + used, row: field.row)
    }

    /// What the keys do, the most useful first; each is also a button for the mouse.
    mutating func drawHints() {
        let line = layout.hints
        frame.fill(line)
        var used = 1
        for (key, word) in state.hints {
            let spans = [Span(key.name, theme(.accent)), Span(" \(word)", theme(.faint))]
            let columns = columns(spans)
            guard used + columns < line.columns else { return }
            write(spans, in: line, from: used)
            frame.mark(
                Rect(column: line.column + used, row: line.row, columns: columns, rows: 1),
                as: .hint(key))
            used += columns + 2
        }
    }
}
