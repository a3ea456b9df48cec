extension State {
    /// A key: whoever has the keyboard takes it.
    mutating func press(_ key: Key) -> [Effect] {
        if key == .control("z") { return [.suspend] }
        if key == .control("l") { return [.redraw] }
        switch overlay {
        case nil: return KeyMap.action(for: key).map { perform($0) } ?? []
        case .form(let kind): return type(key, into: kind)
        case .filter: return typeFilter(key)
        case .command: return typeCommand(key)
        case .help(let top): return read(key, top) { .help(top: $0) }
        case .raw(let top): return read(key, top) { .raw(top: $0) }
        }
    }

    /// A pasted text is only ever text: where nothing is being typed it does nothing.
    mutating func paste(_ text: String) {
        switch overlay {
        case .form(let kind): paste(text, into: kind)
        case .filter:
            filterInput.insert(text)
            applyFilter()
        case .command:
            commandLine.input.insert(text)
            commandLine.chosen = nil
            complete()
        case nil, .help, .raw: note(.info, "paste ignored: no field has the keyboard")
        }
    }

    /// What an action of the panes does.
    mutating func perform(_ action: Action) -> [Effect] {
        switch action {
        case .down, .up, .pageDown, .pageUp, .halfDown, .halfUp, .top, .bottom: move(action)
        case .nextPane: shiftFocus(by: 1)
        case .previousPane: shiftFocus(by: -1)
        case .pane(let pane): focus = pane
        case .open: return open()
        case .nextOrder, .previousOrder:
            orders.move(by: action == .nextOrder ? 1 : -1, at: moment.now)
        case .filter:
            overlay = .filter
            filterInput = TextInput(
                filterPane == .accounts ? accounts.filter.text : orders.filter.text)
        case .clearFilter:
            setFilter("")
            return [.save]
        case .sortNext, .sortReverse:
            sort(action)
            return [.save]
        case .follow: toggleFollow()
        case .pause: togglePause()
        case .faster: return changeInterval(by: -1)
        case .slower: return changeInterval(by: 1)
        case .retry: retryNow()
        case .openAccount: open(.openAccount)
        case .deposit: open(.deposit)
        case .placeOrder: open(.placeOrder)
        case .lastPlaced: selectLastPlaced()
        case .copy: return copy()
        case .raw: showRaw()
        case .exportCSV: return export(.csv, path: nil)
        case .exportJSON: return export(.json, path: nil)
        case .toggleMouse: return setMouse(!settings.hasMouse)
        case .help: overlay = .help(top: 0)
        case .command:
            overlay = .command
            commandLine.input = TextInput()
            commandLine.complaint = nil
            commandLine.recalled = nil
            complete()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .quit: return [.save, .quit(code: 0)]
        }
        return []
    }

    /// Scrolling what lies over the panes; anything else closes it.
    private mutating func read(
        _ key: Key, _ top: Int, _ overlay: (Int) -> Overlay
    ) -> [Effect] {
        let page = max(1, size.rows - 6)
        let moved: Int? =
            switch KeyMap.action(for: key) {
            case .down: top + 1
            case .up: top - 1
            case .pageDown: top + page
            case .pageUp: top - page
            case .halfDown: top + page / 2
            case .halfUp: top - page / 2
            case .top: 0
            case .bottom: Int(Int16.max)
            default: nil
            }
        if let moved {
            self.overlay = overlay(max(0, min(moved, extents.overlayScroll)))
            return []
        }
        if key == .character("y") || key == .character("e") { return copyOverlay() }
        self.overlay = nil
        return []
    }

    private mutating func copyOverlay() -> [Effect] {
        guard case .raw = overlay, let detail = selectedDetail else { return [] }
        note(.info, "copied the JSON of \(detail.row.id)")
        return [.copy(detail.raw)]
    }
}
