import KassaModel

extension Screen {
    /// The selected order: what it is, what became of it and when, and what money moved.
    mutating func drawDetail(_ rect: Rect) {
        let title = state.selectedOrder.map { order -> [Span] in
            let sign = "\(theme.sign(of: order.status)) \(order.status.rawValue) "
            return [
                Span(Wording.shortID(order.id, ellipsis: glyphs.ellipsis) + " ", theme(.text)),
                Span(sign, theme(status: order.status)),
            ]
        }
        let area = open(.detail, rect, title: title ?? [], footer: staleness(.orders))
        frame.visibleRows[.detail] = area.rows
        guard let order = state.selectedOrder else {
            let text = "no order is selected; j and k select one"
            write([Span(text, theme(.faint))], in: area.line(0), from: 1)
            return
        }
        var lines = summary(of: order, columns: area.columns)
        var steps = timeline(of: order, withReasons: true)
        let isTight = lines.count + steps.count + 1 > area.rows
        if isTight { steps = timeline(of: order, withReasons: false) }
        lines += isTight ? [Array(steps.joined(separator: arrow))] : [[]] + steps
        if let money = movement(of: order) { lines.append(money) }
        for (place, line) in lines.prefix(area.rows).enumerated() {
            write(line, in: area.line(place), from: 1)
        }
        if state.feeds[.orders]?.outage != nil { frame.restyle(area, theme.stale) }
    }

    private var arrow: [Span] { [Span(glyphs.isASCII ? " > " : " → ", theme(.faint))] }

    private func summary(of order: OrderRow, columns: Int) -> [[Span]] {
        let balance = state.accounts.row(RowID(order.user)).map(\.balance.grouped) ?? "?"
        // An id of 36 characters fits even the smallest screen, but not with a word before it.
        var first = [
            Span(columns < 48 ? "" : "order ", theme(.faint)), Span(order.id, theme(.text)),
        ]
        let second = [
            Span("account ", theme(.faint)), Span(String(order.user.prefix(64)), theme(.strong)),
            Span("  balance ", theme(.faint)), Span(balance, theme(.text)),
        ]
        var amount = [
            Span("amount ", theme(.faint)), Span(order.amount.grouped, theme(.strong)),
        ]
        if !order.description.isEmpty {
            amount.append(Span("  \(order.description.prefix(300))", theme(.text)))
        }
        if let reason = order.failureReason {
            first += [Span("  \(Self.words(reason))", theme(.failed))]
        }
        return [first, second, amount]
    }

    /// Server times of each step, with what passed since the one before, then when we learned.
    private func timeline(of order: OrderRow, withReasons: Bool) -> [[Span]] {
        let known = state.selectedDetail?.history ?? []
        let steps = known.isEmpty ? Self.steps(of: order) : known
        var before: Int64?
        var lines = steps.prefix(50).map { step -> [Span] in
            var line = [
                Span(UTCTime(microseconds: step.at).clockWithMilliseconds + "  ", theme(.faint)),
                Span(
                    "\(theme.sign(of: step.status)) \(step.status.rawValue)",
                    theme(status: step.status)),
            ]
            if let before, step.at >= before {
                line.append(Span("  +\(Wording.duration(step.at &- before))", theme(.text)))
            }
            if withReasons, let reason = step.reason {
                line.append(Span("  \(Self.words(reason))", theme(.failed)))
            }
            before = step.at
            return line
        }
        if order.learnedWall > 0 {
            let lag = order.learnedWall &- order.updatedAt / 1_000
            let since = order.settledSeen && lag >= 0 ? "  +\(lag)ms" : ""
            let clock = UTCTime(milliseconds: order.learnedWall).clockWithMilliseconds
            lines.append([
                Span("\(clock)  ", theme(.faint)),
                Span("\(glyphs.bullet) seen here", theme(.accent)),
                Span(since, theme(.text)),
            ])
        }
        return lines
    }

    /// What the row itself tells, until the history has come.
    private static func steps(of order: OrderRow) -> [HistoryRow] {
        let placed = HistoryRow(status: .pending, at: order.createdAt)
        guard order.status != .pending else { return [placed] }
        return [
            placed,
            HistoryRow(status: order.status, at: order.updatedAt, reason: order.failureReason),
        ]
    }

    private func movement(of order: OrderRow) -> [Span]? {
        if let transfer = state.selectedTransfer {
            return [
                Span("money  ", theme(.faint)),
                Span(
                    "\(String(transfer.kind.prefix(16))) \(transfer.amount.grouped)", theme(.text)),
                Span("  \(String(transfer.debit.prefix(60)))", theme(.faint)),
            ] + arrow + [Span(String(transfer.credit.prefix(60)), theme(.faint))]
        }
        guard order.status == .failed else { return nil }
        return [Span("money  ", theme(.faint)), Span("nothing was charged", theme(.text))]
    }

    /// `insufficient_funds` as words.
    static func words(_ reason: String) -> String {
        String(reason.prefix(120).map { $0 == "_" ? " " : $0 })
    }
}
