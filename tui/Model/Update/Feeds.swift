/// Where the screen is in the stream of changed orders.
struct OrderFeedPosition: Sendable {
    /// Nil until the stream's end has been asked for.
    var cursor: String?
    /// Whether the newest orders have been read since the cursor was taken: in this order nothing
    /// falls between the two.
    var hasSnapshot = false
    /// Whether the first orders have been shown: what comes later is news.
    var isPrimed = false
    /// Pages in a row that said more was waiting.
    var pagesBehind = 0
    /// Server time of the newest order of the first answer, microseconds.
    var horizon: Int64 = .min

    /// Rows of an answer.
    static let page = 1_000
    /// Being further behind than this many pages, reading the newest orders anew is cheaper.
    static let pagesLimit = 20

    mutating func restart() {
        cursor = nil
        hasSnapshot = false
        pagesBehind = 0
    }
}

/// Users whose balance has probably changed.
struct AccountsToAsk: Sendable {
    var users: Set<RowID> = []
    /// When the whole list was asked for last.
    var listedAt: Instant = .min
    /// Lists received: accounts first seen in a later one are newer.
    var lists = 0
    /// Users whose balance is under way.
    var asked: Set<RowID> = []

    /// Whether somebody has paid whom the lists did not give: a new account.
    var hasStrangers = false

    /// From this many on the whole list is asked for.
    static let few = 4
}

extension State {
    /// How the screen stands with the gateway: what the orders say, or the worst of the rest
    /// where nothing at all can be reached.
    package var connection: Connection {
        guard let feed = feeds[.orders] else { return .connecting }
        if let outage = feed.outage { return .lost(outage) }
        return feed.goodAt == nil || !isFilled(.orders) ? .connecting : .live
    }

    /// Whether what is shown is how things stand now: the gateway answers, and nothing is held.
    package var isCurrent: Bool { connection == .live && pausedAt == nil }

    /// Whether the services' health is known now: a check that failed, or is older than the
    /// present trouble, says nothing of the present.
    package var isHealthKnown: Bool {
        guard let health = feeds[.health], health.outage == nil, pausedAt == nil,
            let goodAt = health.goodAt
        else { return false }
        return feeds[.orders]?.outage.map { goodAt > $0.since } ?? true
    }

    /// Whether a table has been filled: before that its emptiness says nothing.
    package func isFilled(_ name: Feed.Name) -> Bool {
        name == .orders ? orderFeed.isPrimed : feeds[name]?.goodAt != nil
    }

    /// Asks whatever is due.
    mutating func ask() -> [Effect] {
        guard pausedAt == nil else { return [] }
        var effects: [Effect] = []
        for name in Feed.Name.allCases {
            guard var feed = feeds[name], feed.asked == nil, feed.dueAt <= moment.now else {
                continue
            }
            let request = request(name)
            feed.asked = request
            feed.askedAt = moment.now
            feeds[name] = feed
            effects.append(.send(request))
        }
        return effects + askBalances() + askDetail()
    }

    private mutating func request(_ name: Feed.Name) -> Request {
        switch name {
        case .orders:
            guard let cursor = orderFeed.cursor else { return .changes(after: nil, limit: 1) }
            return orderFeed.hasSnapshot
                ? .changes(after: cursor, limit: OrderFeedPosition.page)
                : .orders(limit: OrderFeedPosition.page)
        case .accounts:
            accountsToAsk.listedAt = moment.now
            accountsToAsk.users = []
            accountsToAsk.hasStrangers = false
            return .accounts(limit: 1_000)
        case .health: return .health
        case .totals: return .totals
        case .books: return .books
        }
    }

    /// A few balances are asked one by one; many bring the list forward.
    private mutating func askBalances() -> [Effect] {
        guard feeds[.accounts]?.outage == nil else { return [] }
        // A list that is full cannot tell of all strangers: it is not worth hurrying for them.
        let isNewsLikely = accountsToAsk.hasStrangers && accounts.total < 1_000
        if accountsToAsk.users.count >= AccountsToAsk.few || isNewsLikely {
            let due = max(moment.now, accountsToAsk.listedAt &+ max(2_000, settings.interval))
            if let feed = feeds[.accounts], feed.dueAt > due { feeds[.accounts]?.dueAt = due }
            return []
        }
        let users = accountsToAsk.users.subtracting(accountsToAsk.asked).sorted()
        accountsToAsk.users.subtract(users)
        accountsToAsk.asked.formUnion(users)
        return users.map { .send(.balance(user: $0.text)) }
    }

    /// An answer to a feed's question: the data is fresh.
    mutating func fed(_ name: Feed.Name, _ request: Request, _ cost: Cost, after wait: Int64) {
        guard var feed = feeds[name] else { return }
        let wasLost = feed.outage
        feed.goodAt = moment.now
        feed.outage = nil
        feed.latency = cost.milliseconds
        feed.bytes = cost.bytes
        feed.answers += 1
        if feed.asked == request {
            feed.asked = nil
            feed.askedAt = nil
            feed.dueAt = moment.now &+ wait
        }
        feeds[name] = feed
        guard let wasLost, !name.isQuiet else { return }
        let seconds = (moment.now - wasLost.since) / 1_000
        note(.success, "\(name.title) are back after \(seconds) s")
        // What failed with it has probably come back with it.
        for other in Feed.Name.allCases where feeds[other]?.outage != nil {
            feeds[other]?.dueAt = moment.now
        }
    }

    /// No answer to a feed's question: the data stays, and is asked for again after a while.
    mutating func starved(_ name: Feed.Name, _ request: Request, _ failure: Failure) {
        guard var feed = feeds[name], feed.asked == request else { return }
        let tries = (feed.outage?.tries ?? 0) + 1
        let retryAt = moment.now &+ delay(tries: tries, failure)
        if feed.outage == nil {
            feed.outage = Feed.Outage(
                since: moment.now, tries: tries, retryAt: retryAt, failure: failure)
            if !name.isQuiet { note(.error, "\(name.title): \(failure.text)") }
            // Which service it is that is away, is asked at once.
            if name == .orders, feeds[.health]?.asked == nil, feeds[.health]?.outage == nil {
                feeds[.health]?.dueAt = moment.now
            }
        } else {
            if feed.outage?.failure != failure, !name.isQuiet {
                note(.error, "\(name.title): \(failure.text)")
            }
            feed.outage?.tries = tries
            feed.outage?.retryAt = retryAt
            feed.outage?.failure = failure
        }
        feed.asked = nil
        feed.askedAt = nil
        feed.dueAt = retryAt
        // A gateway that does not count will not learn it soon.
        if name.isQuiet, case .refused = failure { feed.dueAt = moment.now &+ 60_000 }
        feeds[name] = feed
        if name == .orders { reconsiderCursor(request, failure) }
    }

    /// A cursor that is refused, or so old that reading on would take long, is given up.
    private mutating func reconsiderCursor(_ request: Request, _ failure: Failure) {
        guard case .changes(.some, _) = request else { return }
        if case .refused = failure { orderFeed.restart() }
        if let since = feeds[.orders]?.outage?.since, moment.now - since > 60_000 {
            orderFeed.restart()
        }
    }

    /// Doubling from half a second to 15 s, half of it left to chance, so that many screens do not
    /// return all at once.
    private mutating func delay(tries: Int, _ failure: Failure) -> Int64 {
        let full: Int64 = min(15_000, 500 << Int64(min(tries - 1, 10)))
        var delay = full / 2 + Int64.random(in: 0...(full / 2), using: &random)
        if case .server(_, _, let seconds?) = failure {
            delay = max(delay, Int64(max(0, min(seconds, 30))) * 1_000)
        }
        return delay
    }

    /// Orders that are pending: as far as the screen knows them all, its own count is the newest.
    package var pending: Int {
        guard let totals, totals.orders > orders.total else { return rates.pending }
        return totals.pending
    }

    /// Something has changed: the totals are asked for sooner, if no more often than the orders.
    mutating func hurryTotals() {
        guard let feed = feeds[.totals], feed.asked == nil, feed.outage == nil else { return }
        let due = (feed.goodAt ?? moment.now) &+ max(1_000, settings.interval)
        feeds[.totals]?.dueAt = min(feed.dueAt, due)
    }

    /// Tries everything that failed at once.
    mutating func retryNow() {
        for name in Feed.Name.allCases where feeds[name]?.asked == nil {
            feeds[name]?.dueAt = moment.now
        }
        follower.retryAt = moment.now
    }

    /// An App that never answers must not stop the screen: what takes too long has failed.
    mutating func giveUpWaiting() {
        for name in Feed.Name.allCases {
            guard let feed = feeds[name], let asked = feed.asked, let since = feed.askedAt,
                moment.now - since > 30_000
            else { continue }
            starved(name, asked, .timedOut)
        }
        follower.giveUp(at: moment.now)
        for kind in FormKind.allCases {
            guard case .sending(let since)? = forms[kind]?.phase, moment.now - since > 60_000
            else { continue }
            becomeUnknown(kind, .timedOut)
        }
    }
}

extension Feed.Name {
    /// Whether its trouble is told in its place alone: a gateway may do without it.
    package var isQuiet: Bool { self == .totals || self == .books }

    /// What it feeds, in the plural.
    package var title: String {
        switch self {
        case .orders: "orders"
        case .accounts: "accounts"
        case .health: "health checks"
        case .totals: "totals"
        case .books: "books"
        }
    }
}
