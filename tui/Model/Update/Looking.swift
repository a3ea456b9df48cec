extension State {
    /// The table that filter, sort and export mean: the one in focus, else the orders.
    var filterPane: Pane { focus == .accounts ? .accounts : .orders }

    mutating func move(_ action: Action) {
        switch focus {
        case .accounts: Self.move(&accounts, action, at: moment.now)
        case .orders, .rates: Self.move(&orders, action, at: moment.now)
        case .detail: scrollDetail(action)
        case .log: scrollLog(action)
        case .parked: moveParked(action)
        }
    }

    private static func move<Row>(_ table: inout Table<Row>, _ action: Action, at now: Instant) {
        let page = max(1, table.height - 1)
        switch action {
        case .down: table.move(by: 1, at: now)
        case .up: table.move(by: -1, at: now)
        case .pageDown: table.move(by: page, at: now)
        case .pageUp: table.move(by: -page, at: now)
        case .halfDown: table.move(by: max(1, page / 2), at: now)
        case .halfUp: table.move(by: -max(1, page / 2), at: now)
        case .top: table.select(index: 0, at: now)
        case .bottom: table.select(index: table.count - 1, at: now)
        default: break
        }
    }

    private mutating func scrollLog(_ action: Action) {
        let page = max(1, (extents.rows[.log] ?? 5) - 1)
        let last = max(0, log.lines.count - 1)
        let scroll =
            switch action {
            case .up: log.scroll + 1
            case .down: log.scroll - 1
            case .pageUp, .halfUp: log.scroll + page
            case .pageDown, .halfDown: log.scroll - page
            case .top: last
            default: 0
            }
        log.scroll = max(0, min(scroll, last))
    }

    mutating func shiftFocus(by step: Int) {
        let panes = Pane.allCases
        let place = (panes.firstIndex(of: focus) ?? 0) + step + panes.count
        focus = panes[place % panes.count]
    }

    // MARK: Filter.

    mutating func setFilter(_ text: String) {
        filterInput = TextInput(text)
        applyFilter()
    }

    mutating func applyFilter() {
        let filter = Filter(filterInput.text)
        if filterPane == .accounts {
            guard filter != accounts.filter else { return }
            accounts.filter = filter
            accounts.rebuild()
        } else {
            guard filter != orders.filter else { return }
            orders.filter = filter
            orders.rebuild()
        }
    }

    mutating func typeFilter(_ key: Key) -> [Effect] {
        switch key {
        case .enter:
            overlay = nil
            return [.save]
        case .escape, .control("c"):
            overlay = nil
            setFilter("")
            return [.save]
        case .down, .up: return perform(key == .down ? .down : .up)
        default:
            guard filterInput.edit(key) else { return [] }
            applyFilter()
            return []
        }
    }

    // MARK: Sort.

    mutating func sort(_ action: Action) {
        if filterPane == .accounts {
            Self.sort(&accounts, action)
        } else {
            Self.sort(&orders, action)
        }
    }

    private static func sort<Row>(_ table: inout Table<Row>, _ action: Action) {
        if action == .sortReverse {
            table.sort.isDescending.toggle()
        } else {
            let columns = Array(Row.Column.allCases)
            let place = columns.firstIndex(of: table.sort.column) ?? 0
            table.sort.column = columns[(place + 1) % columns.count]
        }
        table.rebuild()
    }

    /// Sorts by a column; by the same one again the other way round.
    static func sort<Row>(_ table: inout Table<Row>, by place: Int) {
        let columns = Array(Row.Column.allCases)
        guard columns.indices.contains(place) else { return }
        if table.sort.column == columns[place] {
            table.sort.isDescending.toggle()
        } else {
            table.sort.column = columns[place]
        }
        table.rebuild()
    }

    // MARK: Following, pausing, pace.

    mutating func toggleFollow() {
        if filterPane == .accounts {
            accounts.follow(!accounts.isFollowing)
        } else {
            orders.follow(!orders.isFollowing)
        }
    }

    mutating func togglePause() {
        guard let since = pausedAt else {
            pausedAt = moment.now
            note(.info, "paused: nothing is polled until p")
            return
        }
        pausedAt = nil
        // Reading on after a long pause would replay what nobody looks at any more.
        if moment.now - since > 60_000 { orderFeed.restart() }
        retryNow()
        note(.info, "polling again")
    }

    mutating func changeInterval(by step: Int) -> [Effect] {
        let steps = Settings.intervals
        let place = steps.firstIndex { $0 >= settings.interval } ?? steps.count - 1
        return setInterval(steps[max(0, min(steps.count - 1, place + step))])
    }

    mutating func setInterval(_ interval: Int64) -> [Effect] {
        settings.interval = interval
        if feeds[.orders]?.asked == nil, feeds[.orders]?.outage == nil {
            let due = feeds[.orders]?.dueAt ?? 0
            feeds[.orders]?.dueAt = min(due, moment.now &+ interval)
        }
        note(.info, "polling every \(interval) ms")
        return [.save]
    }

    mutating func setMouse(_ isOn: Bool) -> [Effect] {
        settings.hasMouse = isOn
        note(.info, isOn ? "mouse on: m gives it back to the terminal" : "mouse off")
        return [.setMouse(isOn), .save]
    }

    // MARK: Selected things.

    mutating func selectLastPlaced() {
        guard let lastPlaced, orders.select(lastPlaced, at: moment.now) else {
            note(.info, "no order has been placed from here")
            return
        }
        focus = .orders
    }

    mutating func showRaw() {
        guard orders.selected != nil else {
            note(.info, "select an order first")
            return
        }
        overlay = .raw(top: 0)
    }

    mutating func copy() -> [Effect] {
        let text =
            switch focus {
            case .accounts: accounts.selected?.text
            case .orders, .detail, .rates: orders.selected?.text
            case .log: log.lines.dropLast(log.scroll).last?.text
            case .parked: parkedIndex.map { parked[$0].id }
            }
        guard let text else {
            note(.info, "nothing is selected")
            return [.bell]
        }
        note(.info, "copied \(text)")
        return [.copy(text)]
    }

    // MARK: Mouse.

    mutating func use(_ mouse: Mouse) -> [Effect] {
        guard settings.hasMouse, let target = mouse.target else { return [] }
        if mouse.action == .wheelUp || mouse.action == .wheelDown {
            wheel(mouse.action == .wheelUp ? -3 : 3, over: target)
            return []
        }
        if case .hint(let key) = target { return press(key) }
        if case .form(let kind) = overlay { return press(target, in: kind) }
        overlay = nil
        switch target {
        case .pane(let pane): focus = pane
        case .row(let pane, let index):
            focus = pane
            if pane == .accounts { accounts.select(index: index, at: moment.now) }
            if pane == .orders { orders.select(index: index, at: moment.now) }
            if pane == .parked { selectParked(index) }
            if mouse.action == .doublePress { return perform(.open) }
        case .heading(let pane, let column):
            if pane == .accounts { Self.sort(&accounts, by: column) }
            if pane == .orders { Self.sort(&orders, by: column) }
            return [.save]
        case .field, .suggestion, .submit, .cancel, .hint: break
        }
        return []
    }

    private mutating func wheel(_ rows: Int, over target: Target) {
        switch overlay {
        case .help(let top): overlay = .help(top: max(0, min(top + rows, extents.overlayScroll)))
        case .raw(let top): overlay = .raw(top: max(0, min(top + rows, extents.overlayScroll)))
        case .form: break
        case nil, .filter, .command:
            switch target {
            case .pane(.accounts), .row(.accounts, _), .heading(.accounts, _):
                accounts.scroll(by: rows, at: moment.now)
            case .pane(.orders), .row(.orders, _), .heading(.orders, _):
                orders.scroll(by: rows, at: moment.now)
            case .pane(.detail): scrollDetail(to: detailScroll + rows)
            case .pane(.log), .row(.log, _):
                log.scroll = max(0, min(log.scroll - rows, log.lines.count - 1))
            case .pane(.parked), .row(.parked, _): selectParked((parkedIndex ?? 0) + rows)
            default: break
            }
        }
    }
}
