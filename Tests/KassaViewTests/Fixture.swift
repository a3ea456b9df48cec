import KassaModel
import KassaView

/// States to draw: made by events alone, so that they are such as can be.
enum Fixture {
    static let wall: Int64 = 1_795_356_202_418
    static let start: Instant = 1_000_000

    static func moment(_ milliseconds: Int64) -> Moment {
        Moment(now: start + milliseconds, wall: wall + milliseconds)
    }

    static func state(
        size: Size = Size(columns: 120, rows: 36), glyphs: Settings.Glyphs = .utf8,
        isReadOnly: Bool = false
    ) -> State {
        State(
            settings: Settings(
                gateway: "127.0.0.1:8000", isReadOnly: isReadOnly, glyphs: glyphs),
            size: size, moment: moment(0), session: "5e55-0000", seed: 7)
    }

    static let users = [
        "alice", "bob", "carol", "Zoë Łęcka", "世蓮", "dave", "erin", "fran\u{327}ois", "grace",
        "a-very-long-user-name-that-does-not-fit-anywhere-near-here",
    ]

    static func id(_ number: Int) -> String {
        let tail = String(0xA1B2_C3D4_0000 + number * 0x1357, radix: 16)
        return "019355ab-7c10-7def-8a00-\(tail)"
    }

    static func order(_ number: Int, _ status: OrderStatus, at microseconds: Int64) -> OrderRow {
        let cents = Int64(number * number * 37 % 990_000 + 199)
        let settle: Int64 = [18_000, 22_400, 9_100, 41_000, 120_500][number % 5]
        return OrderRow(
            id: id(number), user: users[number % users.count], amount: Cents(cents),
            description: "widget \(number % 9), for the shop window", status: status,
            createdAt: microseconds,
            updatedAt: status == .pending ? microseconds : microseconds + settle,
            failureReason: status == .failed ? "insufficient_funds" : nil)
    }

    /// A screen that has watched the shop for a while: 40 old orders, then 30 seconds of trade.
    static func busy(
        size: Size = Size(columns: 120, rows: 36), glyphs: Settings.Glyphs = .utf8,
        isReadOnly: Bool = false
    ) -> State {
        var state = state(size: size, glyphs: glyphs, isReadOnly: isReadOnly)
        for second in 0...30 {
            run(&state, .tick(moment(Int64(second * 1_000))), at: second)
            run(&state, .tick(moment(Int64(second * 1_000 + 400))), at: second)
        }
        layOut(&state, size)
        return state
    }

    /// An event, then the gateway's answers to all that the screen asks because of it.
    static func run(_ state: inout State, _ event: Event, at second: Int = 30) {
        var asked = update(&state, event)
        var answered = 0
        while let effect = asked.first, answered < 100 {
            asked.removeFirst()
            answered += 1
            guard case .send(let request) = effect,
                let response = answer(request, second: second, state)
            else { continue }
            let cost = Cost(milliseconds: 42, bytes: 312)
            asked += update(&state, .responded(request, response, cost, state.moment))
        }
    }

    /// Books that balance, and two messages that wait for a decision.
    static let books = Books(
        standing: .balanced, wrong: 0,
        parked: [
            ParkedRow(
                id: "payments/7", queue: "order_created",
                reason: "unsigned: it names no publisher, and only 'orders' may tell this",
                parkedAt: wall * 1_000 - 12_000_000),
            ParkedRow(
                id: "orders/3", queue: "payment_failed",
                reason: "contradiction: order is PAID already",
                parkedAt: wall * 1_000 - 95_000_000),
        ])

    private static func answer(_ request: Request, second: Int, _ state: State) -> Response? {
        let base = wall * 1_000
        switch request {
        case .health:
            return .health(
                ["gateway", "orders", "payments"].map { ServiceHealth(name: $0, isUp: true) })
        case .totals:
            return .totals(
                Totals(
                    pending: 3, paid: 14_201, failed: 830, accounts: 10,
                    balance: Cents(6_844_480)))
        case .books: return .books(books)
        case .accounts:
            return .accounts(users.enumerated().map { account($0.element, $0.offset) })
        case .balance(let user):
            return .balance(account(user, users.firstIndex(of: user) ?? 0))
        case .orders:
            return .orders(
                (0..<40).reversed().map { place in
                    let at = base - Int64(100 - place) * 700_000
                    return order(place, place % 9 == 4 ? .failed : .paid, at: at)
                })
        case .changes(let after, _):
            guard after != nil, after != "c\(second)" else {
                return .changes([], next: "c\(second)", hasMore: false)
            }
            let rows = (0..<(1 + second * 5 % 7)).map { place -> OrderRow in
                let number = 100 + second * 10 + place
                let status: OrderStatus =
                    second == 30 && place > 0 ? .pending : (number % 13 == 5 ? .failed : .paid)
                let at = base + Int64(second * 1_000 + place * 50 - 600) * 1_000
                return order(number, status, at: at)
            }
            return .changes(rows, next: "c\(second)", hasMore: false)
        case .order(let id):
            return state.orders.row(RowID(id)).map { .order(detail(of: $0)) }
        case .transfers(let user, _):
            let rows = state.selectedOrder.map { [transfer(for: $0)] } ?? []
            return .transfers(user: user, rows)
        case .ordersOf, .submit: return nil
        }
    }

    private static func account(_ user: String, _ place: Int) -> AccountRow {
        AccountRow(user: user, balance: Cents(Int64(1_240_000 - place * 123_456)))
    }

    private static func detail(of row: OrderRow) -> OrderDetail {
        var history = [HistoryRow(status: .pending, at: row.createdAt)]
        if row.status.isSettled {
            history.append(
                HistoryRow(status: row.status, at: row.updatedAt, reason: row.failureReason))
        }
        let raw = "{\n  \"order_id\": \"\(row.id)\",\n  \"status\": \"\(row.status.rawValue)\"\n}"
        return OrderDetail(row: row, history: history, raw: raw)
    }

    private static func transfer(for row: OrderRow) -> TransferRow {
        TransferRow(
            id: "t-1", amount: row.amount, debit: "liabilities:customer:\(row.user)",
            credit: "income:sales", kind: "charge", orderID: row.id, createdAt: row.updatedAt)
    }

    /// Tells the model how many rows the panes have, as the App does after the first frame.
    static func layOut(_ state: inout State, _ size: Size) {
        _ = update(&state, .resize(size))
        let theme = Theme(.dark, depth: .mono, glyphs: .utf8)
        let frame = render(state, size: size, theme: theme)
        _ = update(&state, .laidOut(frame.extents))
    }

    static func press(_ state: inout State, _ keys: Key...) {
        for key in keys { run(&state, .key(key)) }
    }

    static func type(_ state: inout State, _ text: String) {
        for character in text { run(&state, .key(.character(character))) }
    }

    /// The gateway has not answered for ten seconds.
    static func lost(_ state: State) -> State {
        var state = state
        let failure = Failure.unreachable("connection refused")
        for _ in 0..<40 {
            let next = Moment(now: state.moment.now + 250, wall: state.moment.wall + 250)
            for effect in update(&state, .tick(next)) {
                guard case .send(let request) = effect else { continue }
                _ = update(&state, .failed(request, failure, next))
            }
        }
        return state
    }
}
