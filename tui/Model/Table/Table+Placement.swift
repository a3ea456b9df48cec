extension Table {
    /// A row and the line of the pane it stands on.
    typealias Anchor = (slot: Int, line: Int)

    /// What must not move under the operator's eyes: the selected row where it is in view, else
    /// the first row shown.
    var anchor: Anchor? {
        guard !shown.isEmpty else { return nil }
        if let index = selectedIndex, index >= top, index < top + height {
            return (shown[index], index - top)
        }
        return shown.indices.contains(top) ? (shown[top], 0) : nil
    }

    /// Scrolls so that the anchor is on its line again.
    mutating func restore(_ anchor: Anchor?) {
        if isFollowing {
            top = 0
        } else if let anchor, let index = shown.firstIndex(of: anchor.slot) {
            top = index - anchor.line
        }
        clamp()
    }

    /// Keeps ``top`` within what there is to show.
    mutating func clamp() {
        top = max(0, min(top, shown.count - height))
        if top == 0 { newCount = 0 }
        newCount = min(newCount, top)
    }

    /// Puts changed slots where they belong, by one merge of two sorted lists.
    mutating func place(_ touched: Set<Int>, unseen: Set<Int>) {
        let anchor = anchor
        let fresh = touched.filter { slots[$0].matches(filter) }.sorted(by: stands)
        var isTouched = [Bool](repeating: false, count: slots.count)
        for slot in touched { isTouched[slot] = true }
        let rest = shown.filter { !isTouched[$0] }
        var merged: [Int] = []
        merged.reserveCapacity(rest.count + fresh.count)
        var next = fresh.startIndex
        for slot in rest {
            while next < fresh.endIndex, stands(fresh[next], before: slot) {
                merged.append(fresh[next])
                next += 1
            }
            merged.append(slot)
        }
        merged.append(contentsOf: fresh[next...])
        shown = merged
        restore(anchor)
        if top > 0, !unseen.isEmpty {
            newCount += shown[..<min(top, shown.count)].count { unseen.contains($0) }
            newCount = min(newCount, top)
        }
    }

    /// Sorts and filters everything anew, after the sort or the filter changed.
    mutating func rebuild() {
        waiting = []
        unseen = []
        shown = slots.indices.filter { slots[$0].matches(filter) }.sorted(by: stands)
        top = 0
        newCount = 0
        if !isFollowing { reveal() }
    }

    /// Lets the order of rows move again once its time is up.
    mutating func thaw(at now: Instant) {
        guard let until = frozenUntil, now >= until else { return }
        frozenUntil = nil
        guard !waiting.isEmpty else { return }
        let (touched, added) = (waiting, unseen)
        waiting = []
        unseen = []
        place(touched, unseen: added)
    }

    private func stands(_ left: Int, before right: Int) -> Bool {
        switch slots[left].order(slots[right], by: sort.column) {
        case .before: !sort.isDescending
        case .after: sort.isDescending
        case .same: (slots[left].rowID < slots[right].rowID) != sort.isDescending && left != right
        }
    }
}
