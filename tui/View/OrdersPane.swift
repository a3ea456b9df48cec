import KassaModel

extension Screen {
    mutating func drawOrders(_ rect: Rect) {
        let table = state.orders
        let inside = layout.extent == .single ? rect : rect.inset()
        let columns = orderColumns(inside, table)
        let sort = OrderColumn.allCases.firstIndex(of: table.sort.column)
        let isShown = columns.contains { $0.sort == sort }
        let area = open(
            .orders, rect,
            title: title(
                of: table, .orders, all: state.totals?.orders,
                sortedBy: isShown ? nil : table.sort.column.rawValue),
            footer: footer(of: table, .orders))
        draw(table, columns, pane: .orders, feed: .orders, in: area)
    }

    /// What fits, the most telling first; amounts are never cut.
    private func orderColumns(_ area: Rect, _ table: Table<OrderRow>) -> [TableColumn<OrderRow>] {
        let last = min(table.count, table.top + area.rows)
        let longest = (min(table.top, last)..<last).map { table.row(at: $0).amount.grouped.count }
        let money = min(25, max(7, longest.max() ?? 0))
        // The last column stays free, or the table would lean on its border.
        let width = area.columns - 1
        let id = width >= 140 ? 36 : 9
        let hasTimes = width >= 70
        let hasSettle = width >= 56
        let hasDescription = width >= 76
        let hasCreated = width >= 120
        let times = width >= 96 ? 12 : 8
        var rest = width - 1 - (id + 1) - (money + 1) - (Self.statusColumns + 1)
        if hasSettle { rest -= 8 }
        if hasTimes { rest -= times + 1 }
        if hasCreated { rest -= times + 1 }
        let user = hasDescription ? max(10, rest * 2 / 5) : max(4, rest)
        var columns = [
            column("ID", id, .id) { order in
                let text =
                    id == 36
                    ? order.id : Wording.shortID(order.id, ellipsis: glyphs.ellipsis)
                return Span(text, theme(.text))
            },
            column("USER", user, .user) { Span($0.user, theme(.text)) },
        ]
        if hasDescription {
            columns.append(
                TableColumn(title: "DESCRIPTION", columns: max(4, rest - user - 1)) {
                    Span($0.description, theme(.faint))
                })
        }
        columns += [
            column("AMOUNT", money, .amount, isRight: true) {
                Span($0.amount.grouped, theme(.text))
            },
            column("STATUS", Self.statusColumns, .status) { status($0) },
        ]
        if hasSettle { columns.append(column("FOR", 7, .settle, isRight: true) { elapsed($0) }) }
        if hasCreated {
            columns.append(column("CREATED", times, .created) { time($0.createdAt, times) })
        }
        if hasTimes {
            columns.append(column("UPDATED", times, .updated) { time($0.updatedAt, times) })
        }
        return columns
    }

    /// `✓ PAID`, and a column more for the longest word.
    private static let statusColumns = 9

    private func column(
        _ title: String, _ columns: Int, _ sort: OrderColumn, isRight: Bool = false,
        _ cell: @escaping (OrderRow) -> Span
    ) -> TableColumn<OrderRow> {
        TableColumn(
            title: title, columns: columns, isRight: isRight,
            sort: OrderColumn.allCases.firstIndex(of: sort), cell: cell)
    }

    private func status(_ order: OrderRow) -> Span {
        let style = theme(status: order.status)
        return Span(
            "\(theme.sign(of: order.status)) \(order.status.rawValue)",
            order.isHighlighted(at: now) ? theme.fresh(style) : style)
    }

    /// How long the settlement took, or has been awaited; `!` from 5 s on. While nobody knows
    /// whether it goes on, it stands still.
    func elapsed(_ order: OrderRow) -> Span {
        if let time = order.settleTime { return Span(Wording.duration(time), theme(.text)) }
        let silence = state.isCurrent ? 0 : state.feeds[.orders]?.age(at: now) ?? 0
        let waited = max(0, state.moment.wall &- silence &- order.createdAt / 1_000)
        let isLate = waited >= 5_000
        return Span(Wording.age(waited) + (isLate ? "!" : ""), theme(isLate ? .warning : .pending))
    }

    /// The clock of a time of today, else as much of the date as there is room for.
    private func time(_ microseconds: Int64, _ columns: Int) -> Span {
        let time = UTCTime(microseconds: microseconds)
        let isWide = columns >= 12
        let today = UTCTime(milliseconds: state.moment.wall)
        if time.date == today.date {
            return Span(isWide ? time.clockWithMilliseconds : time.clock, theme(.faint))
        }
        // 2026-11-22: the month and day say enough within a year.
        let date = time.year == today.year ? String(time.date.dropFirst(5)) : time.date
        return Span(isWide ? date : String(date.prefix(8)), theme(.faint))
    }
}
