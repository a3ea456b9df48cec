import KassaModel

extension Screen {
    /// The selected order: what it is, what became of it and when, and what money moved.
    mutating func drawDetail(_ rect: Rect) {
        let title = state.selectedOrder.map { order -> [Group] in
            let id = Wording.shortID(order.id, ellipsis: glyphs.ellipsis)
            let sign = "\(theme.sign(of: order.status)) \(order.status.rawValue) "
            return [
                Group(2, [Span(id + " ", theme(.text))]),
                Group(1, [Span(sign, theme(status: order.status))]),
            ]
        }
        let inside = layout.extent == .single ? rect : rect.inset()
        let rows = layout.extent == .single ? rect.rows - 1 : inside.rows
        let lines = detailLines(columns: inside.columns - 2, rows: rows)
        frame.extents.detailLines = lines.count
        let top = max(0, min(state.detailScroll, lines.count - rows))
        let stale = staleness(.orders)
        let footer = stale.isEmpty ? position(top, rows, of: lines.count) : stale
        let area = open(.detail, rect, title: title ?? [], footer: footer)
        frame.extents.rows[.detail] = area.rows
        for (place, line) in lines.dropFirst(top).prefix(area.rows).enumerated() {
            write(line, in: area.line(place), from: 1)
        }
        drawMore(top: top, rows: area.rows, of: lines.count, in: area)
        if state.feeds[.orders]?.outage != nil { frame.restyle(area, theme.stale) }
    }

    private func position(_ top: Int, _ rows: Int, of count: Int) -> [Span] {
        guard count > rows, state.focus == .detail else { return [] }
        return [Span(" \(top + 1)-\(min(count, top + rows)) of \(count) ", theme(.faint))]
    }

    /// Says at the right edge that there is more above or below.
    mutating func drawMore(top: Int, rows: Int, of count: Int, in area: Rect) {
        let edge = area.columns - 1
        if top > 0 {
            write([Span(glyphs.up, theme(.focus))], in: area.line(0), from: edge)
        }
        if count > top + rows {
            write([Span(glyphs.down, theme(.focus))], in: area.line(rows - 1), from: edge)
        }
    }

    /// All there is to say of the selected order, as lines of so many columns.
    private func detailLines(columns: Int, rows: Int) -> [[Span]] {
        guard let order = state.selectedOrder else {
            return [[Span("no order is selected; j and k select one", theme(.faint))]]
        }
        var steps = timeline(of: order, withReasons: true)
        // Where there is little room the steps stand on one line, and no blank line parts them.
        let isTight = steps.count + 5 > rows
        if isTight { steps = timeline(of: order, withReasons: false) }
        var lines = summary(of: order, columns: columns, withReason: isTight)
        lines += isTight ? [Self.joined(steps, by: arrow)] : [[]] + steps
        if let money = movement(of: order) { lines.append(money) }
        let movements = movements(of: order)
        if !movements.isEmpty { lines += (isTight ? [] : [[]]) + movements }
        return lines.flatMap { wrapped($0, to: columns, indent: 8) }
    }

    /// The last movements of the account, which say why there was money for the order or not.
    private func movements(of order: OrderRow) -> [[Span]] {
        let known = state.selectedMovements
        guard !known.isEmpty else { return [] }
        let user = String(order.user.prefix(64))
        let amounts = known.prefix(20).map { $0.amount.grouped.count + 1 }.max() ?? 0
        return [[Span("last movements of \(user)", theme(.faint))]]
            + known.prefix(20).map { transfer in
                let isOut = transfer.orderID != nil
                let amount = (isOut ? "-" : "+") + transfer.amount.grouped
                let pad = String(repeating: " ", count: max(0, amounts - amount.count))
                let id = transfer.orderID.map {
                    "  " + Wording.shortID($0, ellipsis: glyphs.ellipsis)
                }
                return [
                    Span(moment(transfer.createdAt) + "  ", theme(.faint)),
                    Span(Self.padded(String(transfer.kind.prefix(12)), to: 9), theme(.text)),
                    Span(pad + amount, theme(isOut ? .text : .paid)),
                    Span(id ?? "", theme(transfer.orderID == order.id ? .accent : .faint)),
                ]
            }
    }

    /// A time to the millisecond, with its date unless it is of today.
    private func moment(_ microseconds: Int64) -> String {
        let time = UTCTime(microseconds: microseconds)
        let isToday = time.date == UTCTime(milliseconds: state.moment.wall).date
        return (isToday ? "" : time.date + " ") + time.clockWithMilliseconds
    }

    /// The steps as one line: the first with its time, the others with what passed before them.
    private static func joined(_ steps: [[Span]], by arrow: [Span]) -> [Span] {
        guard let first = steps.first else { return [] }
        return first + steps.dropFirst().flatMap { arrow + $0.dropFirst() }
    }

    private var arrow: [Span] { [Span(" \(glyphs.arrow) ", theme(.faint))] }

    private func summary(
        of order: OrderRow, columns: Int, withReason: Bool
    ) -> [[Span]] {
        let isMissing = order.failureReason == "account_not_found"
        let unknown = isMissing ? "no such account" : "balance ?"
        let balance = state.accounts.row(RowID(order.user)).map { "balance " + $0.balance.grouped }
        // An id of 36 characters fits even the smallest screen, but not with a word before it.
        var first = [
            Span(columns < 48 ? "" : "order ", theme(.faint)), Span(order.id, theme(.text)),
        ]
        let second = [
            Span("account ", theme(.faint)), Span(String(order.user.prefix(64)), theme(.strong)),
            Span("  \(balance ?? unknown)", theme(.text)),
        ]
        var amount = [
            Span("amount ", theme(.faint)), Span(order.amount.grouped, theme(.strong)),
        ]
        if !order.description.isEmpty {
            amount.append(Span("  \(order.description.prefix(1_000))", theme(.text)))
        }
        if withReason, let reason = order.failureReason {
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
                Span(moment(step.at) + "  ", theme(.faint)),
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
            lines.append([
                Span("\(moment(order.learnedWall &* 1_000))  ", theme(.faint)),
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
