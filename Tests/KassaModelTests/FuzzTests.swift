import KassaModel
import Testing

struct FuzzTests {
    @Test(arguments: UInt64(1)...10)
    func `ten thousand random events never break a promise`(seed: UInt64) throws {
        var it = Operator(seed: seed)
        var events = RandomEvents(seed: seed)
        var promises = Promises()
        events.asking(it.effects)
        for count in 0..<10_000 {
            let event = events.next()
            let before = Glance(it.state)
            it.send(event)
            events.asking(it.effects)
            let broken = promises.broken(by: event, before, it.state, it.effects)
            try #require(broken == nil, "event \(count) of seed \(seed): \(event)")
        }
        #expect(promises.submissions > 20, "the run has to try what it is about")
        #expect(promises.retries > 0)
        #expect(promises.selections > 20)
    }
}

/// What must hold after every event, whatever it was.
private struct Promises {
    private(set) var submissions = 0
    private(set) var retries = 0
    private(set) var selections = 0
    private var contents: [String: Submission.Content] = [:]
    /// When a submission went out whose outcome has not been told.
    private var underWay: [Submission: Instant] = [:]
    private var done: Set<Submission> = []

    /// The first promise that is broken; nil when all hold.
    mutating func broken(
        by event: Event, _ before: Glance, _ after: State, _ effects: [Effect]
    ) -> String? {
        broken(submitting: event, after, effects)
            ?? broken(selecting: event, before, after)
            ?? Self.broken(placing: event, before, after) ?? Self.broken(bounds: after)
    }

    private mutating func broken(
        submitting event: Event, _ state: State, _ effects: [Effect]
    ) -> String? {
        if case .responded(.submit(let submission), let response, _, _) = event {
            underWay[submission] = nil
            switch (submission.content, response) {
            case (.placeOrder, .placed), (.openAccount, .account), (.deposit, .account):
                // A gateway may also tell of the success of what was never sent.
                if contents[submission.key] != nil { done.insert(submission) }
            default: break
            }
        }
        if case .failed(.submit(let submission), _, _) = event { underWay[submission] = nil }
        let sent = effects.compactMap { effect -> Submission? in
            if case .send(.submit(let submission)) = effect { submission } else { nil }
        }
        guard let submission = sent.first else { return nil }
        if sent.count > 1 { return "two submits for one event" }
        switch event {
        case .key(.enter), .mouse: break
        default: return "a submit that nobody pressed for"
        }
        submissions += 1
        if let known = contents[submission.key] {
            if known != submission.content { return "two contents under one key" }
            retries += 1
        }
        if done.contains(submission) { return "submitted again after it was done" }
        if let since = underWay[submission], state.moment.now - since <= 60_000 {
            return "submitted while it was under way"
        }
        if state.settings.isReadOnly { return "submitted from a read-only screen" }
        contents[submission.key] = submission.content
        underWay[submission] = state.moment.now
        return nil
    }

    private mutating func broken(
        selecting event: Event, _ before: Glance, _ after: State
    ) -> String? {
        let isHand =
            switch event {
            case .key, .mouse: true
            default: false
            }
        let isSame =
            before.order == after.orders.selected
            && before.account == after.accounts.selected
        if isSame == false { selections += 1 }
        if !isHand, !isSame { return "the selection moved by itself" }
        if after.orders.selected != nil, after.orders.selectedRow == nil {
            return "the selected order is forgotten"
        }
        if after.accounts.selected != nil, after.accounts.selectedRow == nil {
            return "the selected account is forgotten"
        }
        return nil
    }

    /// Data never moves what the operator looks at.
    private static func broken(
        placing event: Event, _ before: Glance, _ after: State
    ) -> String? {
        guard case .responded = event else { return nil }
        let now = Glance(after)
        if before.isFrozen, now.isFrozen, !before.window.isEmpty, after.orders.total <= 9_000,
            before.top != now.top || before.window != now.window
        {
            return "rows moved while they were held"
        }
        // Thawing and merging in one event are two movements, and each may stop at an end.
        guard before.isFrozen == now.isFrozen, !after.orders.isFollowing, let line = before.line,
            let id = now.order,
            after.orders.selectedIndex != nil, !now.window.isEmpty
        else { return nil }
        let isAtEnd = now.top == 0 || now.top + now.height >= after.orders.count
        let isInPlace = now.line == line && now.window[line] == id.text
        return isInPlace || isAtEnd ? nil : "the selected row left its line"
    }

    private static func broken(bounds state: State) -> String? {
        if state.orders.total > 12_500 || state.accounts.total > 6_250 { return "too many rows" }
        if state.log.lines.count > EventLog.limit { return "too many log lines" }
        if state.unresolved.count > 20 { return "too many unresolved" }
        if state.commandLine.history.count > CommandLine.historyLimit { return "long history" }
        if state.orders.top < 0 || state.orders.top > state.orders.count { return "top is off" }
        if state.orders.newCount > state.orders.top { return "more new rows than rows above" }
        if state.nextDeadline <= state.moment.now { return "a deadline in the past" }
        if state.nextDeadline > state.moment.now + 1_000 { return "a deadline too far away" }
        for form in state.forms.values {
            if case .field(let place) = form.focus, !form.fields.indices.contains(place) {
                return "the cursor is in no field"
            }
            for field in form.fields where field.input.cursor > field.input.text.count {
                return "the cursor is beyond the text"
            }
        }
        return nil
    }
}

/// What an operator sees of the orders, without holding on to the whole state: a copy of that
/// would have every event copy every row.
private struct Glance {
    let order: RowID?
    let account: RowID?
    let isFrozen: Bool
    let top: Int
    let height: Int
    /// The line of the selected row; nil where it is not in view.
    let line: Int?
    /// The ids in view.
    let window: [String]

    init(_ state: State) {
        let orders = state.orders
        order = orders.selected
        account = state.accounts.selected
        isFrozen = orders.frozenUntil != nil
        top = orders.top
        let height = max(1, state.extents.rows[.orders] ?? 10)
        self.height = height
        line = orders.selectedIndex.flatMap { index in
            index >= orders.top && index < orders.top + height ? index - orders.top : nil
        }
        window = (orders.top..<min(orders.count, orders.top + height)).map {
            orders.row(at: $0).id
        }
    }
}
