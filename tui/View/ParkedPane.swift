import KassaModel

extension Screen {
    /// Messages that could not be handled, newest first, and how to decide on the selected one.
    mutating func drawParked(_ rect: Rect) {
        let rows = state.parked
        let count = rows.isEmpty ? "none" : Wording.count(rows.count)
        let area = open(
            .parked, rect,
            title: [
                Group(
                    1,
                    [
                        Span(
                            "\(glyphs.dot) \(count) ", theme(rows.isEmpty ? .faint : .warning))
                    ]),
                Group(2, staleness(.books)),
            ],
            footer: state.parkedIndex.map {
                [Span(" kassa parked replay \(rows[$0].id) ", theme(.faint))]
            } ?? [])
        frame.extents.rows[.parked] = area.rows
        guard let selected = state.parkedIndex else {
            let text =
                state.books == nil
                ? "the gateway has not told yet" : "every message could be handled"
            write([Span(text, theme(.faint))], in: area.line(0), from: 1)
            return
        }
        let top = max(0, min(selected - area.rows / 2, rows.count - area.rows))
        for (place, row) in rows.dropFirst(top).prefix(area.rows).enumerated() {
            let line = area.line(place)
            let clock = UTCTime(milliseconds: row.parkedAt / 1_000).clock
            write(
                [
                    Span(row.id, theme(.strong)), Span(" \(clock) ", theme(.faint)),
                    Span("\(row.queue) ", theme(.text)), Span(row.reason, theme(.warning)),
                ], in: line, from: 1)
            if top + place == selected {
                let isFocused = state.focus == .parked
                frame.restyle(line) { theme.selected($0, inFocus: isFocused) }
            }
            frame.mark(line, as: .row(.parked, index: top + place))
        }
        if state.feeds[.books]?.outage != nil { frame.restyle(area, theme.stale) }
    }

    /// Whether the books balance, in a word; nothing where the gateway does not tell.
    var bookkeeping: [Span] {
        guard let books = state.books else { return [] }
        guard state.isCurrent, state.feeds[.books]?.outage == nil else {
            return [Span("\(glyphs.unknown)books", theme.stale(theme(.faint)))]
        }
        let parked =
            books.parked.isEmpty
            ? [] : [Span(" ! \(Wording.count(books.parked.count)) parked", theme(.warning))]
        switch books.standing {
        case .balanced: return [Span("books balance \(glyphs.paid)", theme(.paid))] + parked
        case .unknown: return [Span("books \(glyphs.unknown)", theme(.faint))] + parked
        case .wrong:
            return [
                Span("\(glyphs.failed) BOOKS WRONG \(Wording.count(books.wrong))", theme(.failed))
            ] + parked
        }
    }
}
