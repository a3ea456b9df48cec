import KassaModel

extension Screen {
    mutating func drawAccounts(_ rect: Rect) {
        let table = state.accounts
        let hidden = table.sort.column == .newest ? AccountColumn.newest.rawValue : nil
        let area = open(
            .accounts, rect,
            title: title(of: table, .accounts, all: state.totals?.accounts, sortedBy: hidden),
            footer: footer(of: table, .accounts, sum))
        draw(
            table, accountColumns(area, table), pane: .accounts, feed: .accounts, in: area)
    }

    /// What is on all accounts together, as last told.
    private var sum: String? { state.totals?.balance.map { "sum \($0.grouped)" } }

    private func accountColumns(
        _ area: Rect, _ table: Table<AccountRow>
    ) -> [TableColumn<AccountRow>] {
        let last = min(table.count, table.top + area.rows)
        let longest = (min(table.top, last)..<last).map { table.row(at: $0).balance.grouped.count }
        let money = min(25, max(8, longest.max() ?? 0))
        let width = area.columns - 1
        let hasAge = width >= money + 25
        let user = width - 1 - (money + 1) - (hasAge ? 7 : 0)
        var columns = [
            TableColumn<AccountRow>(title: "USER", columns: max(4, user), sort: 1) {
                Span($0.user, theme(.text))
            },
            TableColumn(title: "BALANCE", columns: money, isRight: true, sort: 2) {
                let style = theme(.strong)
                return Span(
                    $0.balance.grouped, $0.isHighlighted(at: now) ? theme.fresh(style) : style)
            },
        ]
        if hasAge {
            columns.append(
                TableColumn(title: "AGE", columns: 6, isRight: true) {
                    Span(Wording.age(now &- $0.learnedAt), theme(.faint))
                })
        }
        return columns
    }
}
