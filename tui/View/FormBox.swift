import KassaModel

extension Screen {
    /// A form: fields with what is wrong beside them, suggestions under them, then the buttons.
    mutating func drawForm(_ form: Form) {
        let isSmall = layout.extent == .single
        let suggestions = min(form.suggestions.count, isSmall ? 2 : 6)
        let notice = form.notice == nil && form.phase == .editing ? 0 : 1
        let rows = form.fields.count * 2 + suggestions + notice + 4
        let area = openBox(
            columns: 72, rows: rows, title: form.kind.title,
            footer: isSmall ? "" : "Tab moves \(glyphs.dot) Esc keeps the draft")
        var line = 0
        for (place, field) in form.fields.enumerated() {
            let isFocused = form.focus == .field(place)
            draw(field, place: place, isFocused: isFocused, of: form, in: area.line(line))
            line += 1
            if field.name == .user, isFocused || !form.suggestions.isEmpty, suggestions > 0 {
                line = drawSuggestions(form, count: suggestions, in: area, from: line)
            }
            if let message = field.message {
                let spans = [Span("\(glyphs.failed) \(message)", theme(.failed))]
                write(spans, in: area.line(line), from: Self.labelColumns)
            }
            if !isSmall || field.message != nil { line += 1 }
        }
        if notice > 0 {
            write(standing(of: form), in: area.line(min(line, area.rows - 2)), from: 1)
        }
        drawButtons(form, in: area.line(area.rows - 1))
    }

    private static let labelColumns = 14

    private mutating func draw(
        _ field: FormField, place: Int, isFocused: Bool, of form: Form, in line: Rect
    ) {
        frame.mark(line, as: .field(place))
        let label = (isFocused ? glyphs.marker : " ") + field.label
        write([Span(label, theme(isFocused ? .focus : .text))], in: line)
        let balance = field.name == .user ? balance(of: field.input.text) : nil
        let hint = balance.map { [Span("balance \($0)", theme(.faint))] } ?? []
        let width = line.columns - Self.labelColumns - 3
        let room = hint.isEmpty ? width : max(10, width - columns(hint) - 1)
        let start = line.column + Self.labelColumns
        let box = Rect(column: start, row: line.row, columns: room + 2, rows: 1)
        let style = theme(.field)
        frame.fill(box, style: style)
        let edge = theme(isFocused ? .focus : .border)
        frame.write("[", in: box, style: edge)
        frame.write("]", in: box, from: box.columns - 1, style: edge)
        let inside = box.inset(columns: 1, rows: 0)
        if isFocused {
            drawInput(field.input, in: inside, style: style)
        } else {
            frame.write(field.input.text, in: inside, style: style, ellipsis: glyphs.ellipsis)
        }
        write(hint, in: line, from: Self.labelColumns + room + 3)
    }

    private func balance(of user: String) -> String? {
        guard !user.isEmpty else { return nil }
        return state.accounts.row(RowID(user)).map(\.balance.grouped)
    }

    private mutating func drawSuggestions(
        _ form: Form, count: Int, in area: Rect, from first: Int
    ) -> Int {
        let start = max(0, min((form.highlighted ?? 0) - count + 1, form.suggestions.count - count))
        for place in start..<start + count {
            let account = form.suggestions[place]
            let line = area.line(first + place - start)
            let isChosen = place == form.highlighted
            let mark = isChosen ? glyphs.marker : " "
            let row = Rect(
                column: line.column + Self.labelColumns, row: line.row,
                columns: line.columns - Self.labelColumns - 1, rows: line.rows)
            let balance = account.balance.grouped
            let name = Rect(
                column: row.column, row: row.row, columns: row.columns - balance.count - 1,
                rows: row.rows)
            let text = mark + account.user.prefix(128)
            write([Span(text, theme(isChosen ? .focus : .text))], in: name)
            writeRight([Span(balance, theme(.faint))], in: row, after: 0)
            if isChosen { frame.restyle(row) { theme.selected($0, inFocus: true) } }
            frame.mark(row, as: .suggestion(place))
        }
        return first + count
    }

    /// How far the submission is, or what was said of the whole of it.
    private func standing(of form: Form) -> [Span] {
        switch form.phase {
        case .editing:
            return [Span("\(glyphs.failed) \(form.notice ?? "")", theme(.failed))]
        case .sending(let since):
            return [Span("\(glyphs.pending) sending \(Wording.age(now &- since))", theme(.pending))]
        case .unknown(let since):
            let text = form.notice ?? "may or may not have happened; submit again is safe"
            return [
                Span("\(glyphs.unknown) UNKNOWN \(Wording.age(now &- since)) ", theme(.unknown)),
                Span(text, theme(.text)),
            ]
        }
    }

    private mutating func drawButtons(_ form: Form, in line: Rect) {
        var start = 1
        let isRetry = if case .unknown = form.phase { true } else { false }
        let buttons: [(String, Form.Focus, Target)] = [
            (isRetry ? "Submit again" : "Submit", .submit, .submit), ("Cancel", .cancel, .cancel),
        ]
        for (word, focus, target) in buttons {
            let isFocused = form.focus == focus
            let text = isFocused ? "\(glyphs.marker)[ \(word) ]" : " [ \(word) ]"
            let rect = Rect(
                column: line.column + start, row: line.row, columns: text.columns(), rows: line.rows
            )
            write([Span(text, theme(isFocused ? .focus : .text))], in: line, from: start)
            if isFocused { frame.restyle(rect) { theme.selected($0, inFocus: true) } }
            frame.mark(rect, as: target)
            start += text.columns() + 1
        }
        let key = "key \(Wording.shortID(form.key, ellipsis: glyphs.ellipsis)), re-used on retry"
        writeRight([Span(key + " ", theme(.faint))], in: line, after: start)
    }
}
