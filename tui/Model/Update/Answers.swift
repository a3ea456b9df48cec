extension State {
    /// An answer came, asked for or not, in any order.
    mutating func answered(_ request: Request, _ response: Response, _ cost: Cost) -> [Effect] {
        switch (request, response) {
        case (.orders, .orders(let rows)):
            snapshot(rows)
            fed(.orders, request, cost, after: 0)
        case (.ordersOf, .orders(let rows)): merge(rows, isLive: false)
        case (.changes(let after, _), .changes(let rows, let next, let hasMore)):
            changed(rows)
            if !rows.isEmpty { hurryTotals() }
            turnPage(after: after, next: next, hasMore: hasMore)
            let isWaiting = hasMore || after == nil
            fed(.orders, request, cost, after: isWaiting ? 0 : settings.interval)
        case (.accounts, .accounts(let rows)):
            listed(rows)
            fed(.accounts, request, cost, after: accountsInterval)
        case (.health, .health(let services)):
            heardHealth(services)
            fed(.health, request, cost, after: max(5_000, settings.interval))
        case (.totals, .totals(let totals)):
            self.totals = totals
            // Accounts that the lists have not given yet.
            if totals.accounts > accounts.total { accountsToAsk.hasStrangers = true }
            fed(.totals, request, cost, after: max(5_000, settings.interval))
        case (.books, .books(let books)):
            heardBooks(books)
            fed(.books, request, cost, after: max(5_000, settings.interval))
        case (.order, .order(let detail)):
            return detailed(detail)
        case (.balance(let user), .balance(var row)):
            accountsToAsk.asked.remove(RowID(user))
            // An account the lists did not give is older than all they gave.
            row.rank = .min / 2
            learn([row])
        case (.transfers, .transfers(let user, let rows)):
            if user == selectedOrder?.user { transfers = (user, rows) }
        case (.submit(let submission), .placed), (.submit(let submission), .account):
            return carriedOut(submission, response)
        default:
            return failed(request, .nonsense("it answers another question"))
        }
        return []
    }

    /// A question failed.
    mutating func failed(_ request: Request, _ failure: Failure) -> [Effect] {
        switch request {
        case .orders, .changes: starved(.orders, request, failure)
        case .accounts: starved(.accounts, request, failure)
        case .health: starved(.health, request, failure)
        case .totals: starved(.totals, request, failure)
        case .books: starved(.books, request, failure)
        case .order(let id): detailFailed(id, failure)
        case .balance(let user): accountsToAsk.asked.remove(RowID(user))
        case .transfers: follower.transfersFor = nil
        case .ordersOf(let user, _): note(.warning, "orders of \(user): \(failure.text)")
        case .submit(let submission): return notCarriedOut(submission, failure)
        }
        return []
    }

    /// The list of accounts is asked for seldom, the more so the longer it is: single balances
    /// are asked for when an order has moved them.
    private var accountsInterval: Int64 {
        max(10_000, settings.interval, Int64(accounts.total) * 30)
    }

    private mutating func heardHealth(_ services: [ServiceHealth]) {
        for service in services.prefix(32) {
            let wasUp = self.services.first { $0.name == service.name }?.isUp
            if wasUp ?? true, !service.isUp {
                let why = service.detail.isEmpty ? "" : ": \(service.detail)"
                note(.error, "\(service.name) is down\(why)")
            } else if wasUp == false, service.isUp {
                note(.success, "\(service.name) is up again")
            }
        }
        self.services = Array(services.prefix(32))
    }

    // MARK: Orders.

    private mutating func snapshot(_ rows: [OrderRow]) {
        let isFirst = !orderFeed.isPrimed
        // Rows that appear in a later snapshot are news; those of the first are the past.
        merge(rows, isLive: !isFirst)
        orderFeed.hasSnapshot = true
        orderFeed.isPrimed = true
        if isFirst {
            orderFeed.horizon = rows.map(\.createdAt).max() ?? .min
        }
    }

    private mutating func changed(_ rows: [OrderRow]) {
        merge(rows, isLive: orderFeed.isPrimed)
    }

    /// Goes on only from the cursor the screen stands at: an answer that comes late, or twice,
    /// must not turn the stream back.
    private mutating func turnPage(after: String?, next: String, hasMore: Bool) {
        guard after == orderFeed.cursor else { return }
        orderFeed.cursor = next
        orderFeed.pagesBehind = hasMore && after != nil ? orderFeed.pagesBehind + 1 : 0
        if orderFeed.pagesBehind > OrderFeedPosition.pagesLimit {
            note(.warning, "too far behind the orders: reading the newest anew")
            orderFeed.restart()
        }
    }

    /// Takes orders in, from wherever they came.
    ///
    /// - Parameter isLive: whether what is new about them is news, to be counted and highlighted.
    mutating func merge(_ rows: [OrderRow], isLive: Bool) {
        var settled: [OrderRow] = []
        let (moment, horizon) = (self.moment, orderFeed.horizon)
        var rates = self.rates
        if isLive, let newest = rows.lazy.map(\.updatedAt).max() {
            rates.heard(newest, wall: moment.wall)
        }
        var hasNews = false
        orders.merge(rows) { old, new in
            guard var kept = Self.reconcile(old, new, moment) else { return nil }
            let isNews = old.map { $0.status != kept.status } ?? isLive
            if isNews {
                kept.settledSeen = true
                hasNews = true
                if kept.status.isSettled { settled.append(kept) }
                // An order from before the start that comes up again is not a new order.
                if old == nil, kept.createdAt > horizon { rates.placed(at: kept.createdAt) }
            }
            return kept
        }
        for row in settled { rates.settled(row) }
        // By place: to take whole rows out would count the references to their texts up and down.
        let slots = orders.slots
        rates.pending = slots.indices.count { slots[$0].status == .pending }
        self.rates = rates
        if hasNews { highlightEnd = moment.now &+ OrderRow.highlightLength }
        tell(settled)
    }

    /// What to keep of an order: the later state, whichever answer brought it; nil where nothing
    /// is new. A settled order never opens again.
    private static func reconcile(
        _ old: OrderRow?, _ new: OrderRow, _ moment: Moment
    ) -> OrderRow? {
        var new = new
        new.learnedAt = moment.now
        new.learnedWall = moment.wall
        guard let old else { return new }
        if old.status.isSettled, !new.status.isSettled { return nil }
        let isLater =
            new.updatedAt > old.updatedAt || (new.status.isSettled && !old.status.isSettled)
        guard isLater else { return nil }
        if new.status == old.status {
            new.learnedAt = old.learnedAt
            new.learnedWall = old.learnedWall
            new.settledSeen = old.settledSeen
        }
        return new
    }

    /// Settled orders move balances; those placed here are told in the log.
    mutating func tell(_ settled: [OrderRow]) {
        for row in settled {
            let user = RowID(row.user)
            if row.status == .paid {
                if accounts.row(user) != nil {
                    accountsToAsk.users.insert(user)
                } else {
                    accountsToAsk.hasStrangers = true
                }
            }
            guard let place = watched.firstIndex(of: row.rowID) else { continue }
            watched.remove(at: place)
            let time = row.settleTime.map { " after \($0 / 1_000) ms" } ?? ""
            let why = row.reasonInWords.map { ": \($0)" } ?? ""
            note(
                row.status == .paid ? .success : .error,
                "order \(row.shortID) \(row.status.rawValue)\(time)\(why)")
        }
    }

    // MARK: Accounts.

    /// The list gives the newest first; ranks keep that order among lists and single answers.
    private mutating func listed(_ rows: [AccountRow]) {
        let base = Int64(accountsToAsk.lists) << 20
        accountsToAsk.lists += 1
        accountsToAsk.asked = []
        let ranked = rows.enumerated().map { place, row in
            var row = row
            row.rank = base - Int64(place)
            return row
        }
        learn(ranked)
    }

    mutating func learn(_ rows: [AccountRow]) {
        let moment = moment
        var hasNews = false
        accounts.merge(rows) { old, new in
            var new = new
            new.learnedAt = moment.now
            new.changedAt = old?.changedAt
            if let old {
                new.rank = old.rank
                if old.balance != new.balance {
                    new.changedAt = moment.now
                    hasNews = true
                }
            }
            return new
        }
        if hasNews { highlightEnd = moment.now &+ OrderRow.highlightLength }
    }
}
