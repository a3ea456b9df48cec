extension Table {
    /// How long the order of rows holds still after a movement, in milliseconds.
    static var holdingStill: Int64 { 2_000 }

    /// Moves the selection; from nowhere it begins at the first row in view.
    mutating func move(by rows: Int, at now: Instant) {
        guard !shown.isEmpty else { return }
        let last = shown.count - 1
        if let index = selectedIndex {
            select(index: max(0, min(last, index + max(-last, min(last, rows)))), at: now)
        } else {
            select(index: min(max(0, top), last), at: now)
        }
    }

    /// Selects a row by its place, and stops following.
    mutating func select(index: Int, at now: Instant) {
        guard shown.indices.contains(index) else { return }
        selected = slots[shown[index]].rowID
        hold(at: now)
        reveal()
    }

    /// Selects a row by its id; false where it is not known.
    mutating func select(_ id: RowID, at now: Instant) -> Bool {
        guard row(id) != nil else { return false }
        selected = id
        hold(at: now)
        reveal()
        return true
    }

    /// Scrolls what is shown and leaves the selection alone.
    mutating func scroll(by rows: Int, at now: Instant) {
        hold(at: now)
        top = max(0, min(top, shown.count)) + max(-shown.count, min(shown.count, rows))
        clamp()
    }

    /// Turns following on or off; on shows the top.
    mutating func follow(_ isOn: Bool) {
        isFollowing = isOn
        guard isOn else { return }
        frozenUntil = frozenUntil.map { _ in .min }
        thaw(at: .max)
        top = 0
        newCount = 0
    }

    /// The pane shows this many rows now.
    mutating func resize(height: Int) {
        let anchor = anchor
        self.height = max(1, height)
        restore(anchor)
        if !isFollowing, let line = anchor?.line, line >= self.height { reveal() }
    }

    /// Scrolls as little as needed to have the selected row in view.
    mutating func reveal() {
        if let index = selectedIndex {
            if index < top { top = index }
            if index >= top + height { top = index - height + 1 }
        }
        clamp()
    }

    private mutating func hold(at now: Instant) {
        isFollowing = false
        frozenUntil = now &+ Self.holdingStill
    }
}
