import KassaModel
import Testing

/// Somebody at the screen, with a clock and a gateway of their own.
struct Operator {
    private(set) var state: State
    /// What the last event asked for.
    private(set) var effects: [Effect] = []
    private(set) var now: Instant = 1_000
    private(set) var changes = 0

    /// Wall-clock milliseconds at monotonic 0.
    static let epoch: Int64 = 1_795_000_000_000

    init(isReadOnly: Bool = false, seed: UInt64 = 1) {
        let settings = Settings(gateway: "127.0.0.1:8000", isReadOnly: isReadOnly)
        state = State(
            settings: settings, size: Size(columns: 120, rows: 36),
            moment: Moment(now: 1_000, wall: Self.epoch + 1_000), session: "session", seed: seed)
        send(
            .laidOut(
                Extents(
                    rows: [.orders: 10, .accounts: 10, .log: 5], detailLines: 30,
                    overlayScroll: 40)))
    }

    /// A screen that has its first orders and accounts.
    static func live(
        orders: [OrderRow] = [], accounts: [AccountRow] = [], isReadOnly: Bool = false
    ) -> Operator {
        var it = Operator(isReadOnly: isReadOnly)
        it.answer(.changes(after: nil, limit: 1), .changes([], next: "c0", hasMore: false))
        it.answer(.orders(limit: 1_000), .orders(orders))
        it.answer(.accounts(limit: 1_000), .accounts(accounts))
        it.answer(.health, .health([ServiceHealth(name: "orders", isUp: true)]))
        it.answer(
            .totals,
            .totals(
                Totals(
                    pending: 0, paid: 0, failed: 0, accounts: accounts.count, balance: nil)))
        it.answer(.books, .books(Books(standing: .balanced, wrong: 0, parked: [])))
        it.change([])
        return it
    }

    var moment: Moment { Moment(now: now, wall: Self.epoch + now) }
    /// What was asked of the gateway by the last event.
    var requests: [Request] {
        effects.compactMap { if case .send(let request) = $0 { request } else { nil } }
    }
    var submissions: [Submission] {
        requests.compactMap { if case .submit(let submission) = $0 { submission } else { nil } }
    }
    /// The ids of the orders shown, in their order.
    var shown: [String] { (0..<state.orders.count).map { state.orders.row(at: $0).id } }
    var lastLine: String { state.log.lines.last?.text ?? "" }

    @discardableResult
    mutating func send(_ event: Event) -> [Effect] {
        effects = update(&state, event)
        return effects
    }

    /// Time passes.
    @discardableResult
    mutating func wait(_ milliseconds: Int64) -> [Effect] {
        now += milliseconds
        return send(.tick(moment))
    }

    @discardableResult
    mutating func press(_ keys: Key...) -> [Effect] {
        var all: [Effect] = []
        for key in keys { all += send(.key(key)) }
        effects = all
        return all
    }

    mutating func type(_ text: String) {
        for character in text { send(.key(.character(character))) }
    }

    @discardableResult
    mutating func answer(_ request: Request, _ response: Response) -> [Effect] {
        send(.responded(request, response, Cost(milliseconds: 4, bytes: 200), moment))
    }

    @discardableResult
    mutating func fail(_ request: Request, _ failure: Failure) -> [Effect] {
        send(.failed(request, failure, moment))
    }

    /// Orders changed: the stream goes on from where it stands.
    mutating func change(_ rows: [OrderRow], hasMore: Bool = false) {
        let cursor = "c\(changes)"
        changes += 1
        answer(
            .changes(after: cursor, limit: 1_000),
            .changes(rows, next: "c\(changes)", hasMore: hasMore))
    }

    /// Types a `:` line.
    @discardableResult
    mutating func command(_ line: String) -> [Effect] {
        press(.character(":"))
        type(line)
        return press(.enter)
    }

    /// An order placed so many milliseconds into the run.
    func order(
        _ id: String, at milliseconds: Int64 = 0, _ status: OrderStatus = .pending,
        user: String = "alice", cents: Int64 = 100, settledAfter: Int64 = 0,
        description: String = "", reason: String? = nil
    ) -> OrderRow {
        let created = (Self.epoch + milliseconds) * 1_000
        return OrderRow(
            id: id, user: user, amount: Cents(cents), description: description, status: status,
            createdAt: created, updatedAt: created + settledAfter * 1_000, failureReason: reason)
    }
}

extension Operator {
    static let knownAccounts = [
        AccountRow(user: "alice", balance: Cents(5_000)),
        AccountRow(user: "alina", balance: Cents(10)), AccountRow(user: "bob", balance: Cents(1)),
    ]

    /// The order form, filled in by keys alone, the cursor on Submit.
    static func filled(_ amount: String = "12.50") -> Operator {
        var it = Operator.live(accounts: knownAccounts)
        it.press(.character("o"))
        it.type("alice")
        it.press(.tab)
        it.type(amount)
        it.press(.tab)
        it.type("tea")
        it.press(.tab)
        return it
    }

    func form(_ kind: FormKind = .placeOrder) throws -> Form {
        try #require(state.forms[kind])
    }
}
