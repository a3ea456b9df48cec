extension State {
    /// Lines of the timeline scrolled out at the top; another order begins at its beginning.
    package var detailScroll: Int {
        guard detailTop.order == orders.selected else { return 0 }
        return max(0, min(detailTop.lines, extents.detailLines - (extents.rows[.detail] ?? 0)))
    }

    mutating func scrollDetail(_ action: Action) {
        let page = max(1, (extents.rows[.detail] ?? 5) - 1)
        let lines =
            switch action {
            case .up: detailScroll - 1
            case .down: detailScroll + 1
            case .pageUp: detailScroll - page
            case .pageDown: detailScroll + page
            case .halfUp: detailScroll - max(1, page / 2)
            case .halfDown: detailScroll + max(1, page / 2)
            case .bottom: extents.detailLines
            default: 0
            }
        scrollDetail(to: lines)
    }

    mutating func scrollDetail(to lines: Int) {
        detailTop = (orders.selected, lines)
        detailTop.lines = detailScroll
    }

    /// What `Enter` leads to: from an account to its orders, from an order to its timeline.
    ///
    /// What the screen has of an account's orders may be little: the newest are asked for.
    mutating func open() -> [Effect] {
        guard focus == .accounts else {
            focus = .detail
            return []
        }
        focus = .orders
        guard let user = accounts.selected?.text else { return [] }
        // A quote would end the word: such a user is looked for by what stands before it.
        let parts = user.split(separator: "\"", omittingEmptySubsequences: true)
        let term = parts.count == 1 ? "user:=\(user)" : "user:\(parts.first ?? "")"
        setFilter(term.contains(" ") ? "\"\(term)\"" : term)
        return [.send(.ordersOf(user: user, limit: 100)), .save]
    }
}
