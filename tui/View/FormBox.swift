import KassaModel

extension Screen {
    /// A form: fields with what is wrong beside them, suggestions under them, then the buttons.
    mutating func drawForm(_ form: Form) {
        let isSmall = layout.extent == .single
        let suggestions = min(form.suggestions.count, isSmall ? 2 : 6)
        let width = isSmall ? frame.size.columns : min(72, frame.size.columns - 2)
        let notice = wrapped(standing(of: form), to: width - 4, indent: 2).prefix(isSmall ? 2 : 3)
        let rows = form.fields.count * 2 + suggestions + notice.count + 4
        let area = openBox(
            columns: width, rows: rows, title: form.kind.title,
            footer: isSmall ? "" : "Enter submits on the button alone")
        var line = 0
        for (place, field) in form.fields.enumerated() {
            let isFocused = form.focus == .field(place)
            draw(field, place: place, isFocused: isFocused, of: form, in: area.line(line))
            line += 1
            if field.name == .user, isFocused || !form.suggestions.isEmpty, suggestions > 0 {
                line = drawSuggestions(form, count: suggestions, in: area, from: line)
            }
            let remark = remark(on: field, of: form)
            write(remark, in: area.line(line), from: Self.labelColumns)
            if !isSmall || !remark.isEmpty { line += 1 }
        }
        let first = min(line, area.rows - 1 - notice.count)
        for (place, line) in notice.enumerated() {
            write(line, in: area.line(first + place), from: 1)
        }
        drawButtons(form, in: area.line(area.rows - 1))
    }

    private static let labelColumns = 14

    /// What is wrong with a field, or doubtful about it.
    private func remark(on field: FormField, of form: Form) -> [Span] {
        if let message = field.message {
            return [Span("\(glyphs.failed) \(message)", theme(.failed))]
        }
        let doubt =
            switch field.name {
            case .user: state.isStranger(in: form) ? "no account of that name has been seen" : nil
            case .amount: state.warning(of: form)
            case .description: nil as String?
            }
        return doubt.map { [Span("! \($0)", theme(.warning))] } ?? []
    }

    /// What an empty field would take.
    private func example(for field: FormField, of form: Form) -> String {
        switch field.name {
        case .user: form.kind == .openAccount ? "1 to 128 bytes" : "a part of its name finds it"
        case .amount: "0.01 to 9 999 999 999.99"
        case .description: "optional"
        }
    }

    private mutating func draw(
        _ field: FormField, place: Int, isFocused: Bool, of form: Form, in line: Rect
    ) {
        frame.mark(line, as: .field(place))
        let label = (isFocused ? glyphs.marker : " ") + field.label
        write([Span(label, theme(isFocused ? .focus : .text))], in: line)
        let balance = field.name == .user ? balance(of: field.input.text) : nil
        let word = layout.extent == .single ? "" : "balance "
        let hint = balance.map { [Span(word + $0, theme(.faint))] } ?? []
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
        if field.input.text.isEmpty {
            var faint = theme(.faint)
            faint.background = style.background
            frame.write(
                example(for: field, of: form), in: inside, style: faint,
                ellipsis: glyphs.ellipsis)
        }
        if isFocused {
            drawInput(field.input, in: inside, style: style)
        } else if !field.input.text.isEmpty {
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
            if let notice = form.notice {
                return [Span("\(glyphs.failed) \(notice)", theme(.failed))]
            }
            guard case .lost = state.connection else { return [] }
            let text = "the gateway is away: the draft is kept until it is back"
            return [Span("! \(text)", theme(.warning))]
        case .sending(let since):
            let text = "\(glyphs.pending) sending, for \(Wording.age(now &- since))"
            return [Span(text, theme(.pending))]
        case .unknown(let since):
            let age = "\(glyphs.unknown) UNKNOWN for \(Wording.age(now &- since)): "
            return [Span(age, theme(.unknown)), Span(form.notice ?? "", theme(.text))]
        }
    }

    /// What the button would do now.
    private func submitWord(_ form: Form) -> String {
        if form.isSending { return "Sending" }
        if case .lost = state.connection { return "Offline" }
        return form.isUnknown ? "Submit again" : "Submit"
    }

    private mutating func drawButtons(_ form: Form, in line: Rect) {
        var start = 1
        let buttons: [(String, Form.Focus, Target)] = [
            (submitWord(form), .submit, .submit), ("Cancel", .cancel, .cancel),
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
