/// What an event does to the screen, and what is to be done outside.
///
/// Pure: the same state and event give the same result. The App sends a ``Event/tick(_:)`` before
/// input, so that what keys do happens at the present time.
package func update(_ state: inout State, _ event: Event) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .key(let key): effects = state.press(key)
    case .paste(let text): state.paste(text)
    case .mouse(let mouse): effects = state.use(mouse)
    case .resize(let size): state.size = size
    case .laidOut(let extents): state.layOut(extents)
    case .tick(let moment): state.advance(to: moment)
    case .responded(let request, let response, let cost, let moment):
        state.advance(to: moment)
        effects = state.answered(request, response, cost)
    case .failed(let request, let failure, let moment):
        state.advance(to: moment)
        effects = state.failed(request, failure)
    case .exported(let path, let error): state.exported(path, error)
    case .resumed(let moment):
        state.advance(to: moment)
        effects = [.redraw]
    }
    return effects + state.ask()
}

extension State {
    /// Time passes: what was held or awaited for a while comes to its end.
    mutating func advance(to moment: Moment) {
        let gap = moment.now &- self.moment.now
        // A clock that goes back is not believed: ages and deadlines would run backwards with it.
        self.moment = Moment(now: max(self.moment.now, moment.now), wall: moment.wall)
        orders.thaw(at: self.moment.now)
        accounts.thaw(at: self.moment.now)
        // After Ctrl-Z the answers of the time away are still in the mailbox: they come first.
        if gap < 5_000 { giveUpWaiting() }
    }

    fileprivate mutating func layOut(_ extents: Extents) {
        self.extents = extents
        let rows = extents.rows
        if let height = rows[.orders] { orders.resize(height: height) }
        if let height = rows[.accounts] { accounts.resize(height: height) }
    }

    /// When ``Event/tick(_:)`` is needed next, monotonic: until then nothing changes by itself.
    ///
    /// At most a second ahead, because ages and countdowns are shown in seconds.
    package var nextDeadline: Instant {
        var deadline = moment.now + 1_000
        if pausedAt == nil {
            for feed in feeds.values where feed.asked == nil {
                deadline = min(deadline, feed.dueAt)
            }
            if let due = detailDueAt { deadline = min(deadline, due) }
        }
        for until in [orders.frozenUntil, accounts.frozenUntil].compactMap({ $0 }) {
            deadline = min(deadline, until)
        }
        if highlightEnd > moment.now { deadline = min(deadline, highlightEnd) }
        return max(deadline, moment.now + 1)
    }

    /// Adds a line to the log.
    mutating func note(_ level: EventLog.Level, _ text: String) {
        log.add(level, text, wall: moment.wall)
    }
}
