import KassaModel

/// Events as no test would think of them: an operator with a cat on the keyboard and a gateway
/// that answers late, twice, wrongly or not at all. The same seed gives the same run.
struct RandomEvents {
    private var random: SeededRandom
    private var now: Instant = 0
    /// Events that belong together and come next, with others between them.
    /// A gap stands for an answer, good or bad.
    private var plan: [Event?] = []
    /// Questions that have been asked and not answered for good.
    private(set) var asked: [Request] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    static let hostile = [
        "", "alice", "bob", "\u{1B}[2J\u{1B}]0;x\u{7}", "a\u{202E}b", "\u{9B}31m", "e\u{301}",
        "\u{E9}", "👨‍👩‍👧‍👦", "世蓮", "\r\nq:quit\r\n", "=1+1",
        "12.50", "-1", "!paid", "amount:>1", "\"", ":", "order alice 5 tea", "sort id",
    ]

    private static let keys: [Key] =
        KeyMap.bindings.flatMap(\.keys)
        + "aob125.:/ yq!#é".map(Key.character)
        + [
            .enter, .enter, .enter, .enter, .escape, .tab, .tab, .tab, .backTab, .backspace,
            .delete, .up, .down, .down, .left, .right, .home, .end, .control("w"), .alt("x"),
            .function(12), .control("\u{0}"), .character("o"), .character("d"), .character("a"),
        ]

    mutating func asking(_ effects: [Effect]) {
        for case .send(let request) in effects { asked.append(request) }
        if asked.count > 60 { asked.removeFirst(asked.count - 60) }
    }

    mutating func next() -> Event {
        if plan.isEmpty, int(40) == 0 { plan = submitting() }
        if plan.isEmpty || int(8) == 0 { return anything() }
        return plan.removeFirst() ?? (int(3) == 0 ? responded() : failed())
    }

    /// An operator who means it: opens a form, fills it in, submits, and submits again.
    private mutating func submitting() -> [Event?] {
        let typing: [Event?] = [.key(.control("e")), .key(.control("u"))]
        let again: [Event?] = [.key(.enter), nil, nil, .key(.enter), .key(.enter)]
        let letter = Key.character(["o", "d", "a"][int(3)])
        return [.key(.escape), .key(.escape), .key(letter), .key(.backTab), .key(.backTab)]
            + typing + [.paste(["alice", "bob"][int(2)]), .key(.tab)] + typing
            + [.paste("12.5\(int(2))"), .key(.tab), .key(.tab)] + (int(2) == 0 ? again : [])
            + [.mouse(Mouse(action: .press, target: .submit))] + again
    }

    private mutating func anything() -> Event {
        switch int(100) {
        case 0..<45: .key(Self.keys[int(Self.keys.count)])
        case 45..<49: .paste(text())
        case 49..<51: .resize(Size(columns: int(250), rows: int(80)))
        case 51..<53:
            .laidOut(
                Extents(
                    rows: [.orders: int(40), .accounts: int(20) - 2, .log: int(9)],
                    detailLines: int(60) - 5, overlayScroll: int(90) - 5))
        case 53..<58: .mouse(mouse())
        case 58..<68: .tick(moment(int(4_000)))
        case 68: .tick(moment(int(100_000)))
        case 69: .resumed(moment(int(50_000)))
        case 70: .exported(path: text(), error: int(2) == 0 ? nil : text())
        case 71..<80: failed()
        default: responded()
        }
    }

    private mutating func int(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    private mutating func text() -> String {
        int(200) == 0
            ? String(repeating: "x", count: 10_000) : Self.hostile[int(Self.hostile.count)]
    }

    /// Time mostly goes on; a clock that jumps back is part of the game.
    private mutating func moment(_ step: Int) -> Moment {
        now += Int64(step)
        let shown = int(50) == 0 ? now - 5_000 : now
        return Moment(now: shown, wall: Operator.epoch + shown)
    }

    private mutating func mouse() -> Mouse {
        let pane = Pane.allCases[int(Pane.allCases.count)]
        let target: [Target?] = [
            .pane(pane), .row(pane, index: int(60) - 5), .heading(pane, column: int(9) - 1),
            .field(int(5) - 1), .suggestion(int(8) - 1), .submit, .cancel, nil,
            .hint(Self.keys[int(Self.keys.count)]),
        ]
        let actions: [Mouse.Action] = [.press, .doublePress, .wheelUp, .wheelDown]
        return Mouse(action: actions[int(4)], target: target[int(target.count)])
    }

    private mutating func request() -> Request {
        guard int(12) > 0, !asked.isEmpty else {
            let content: [Submission.Content] = [
                .openAccount(user: text()), .deposit(user: text(), amount: Cents(5)),
                .placeOrder(user: "alice", amount: Cents(1_250), description: ""),
            ]
            let submission = Submission(key: "session-\(int(9))", content: content[int(3)])
            let any: [Request] = [
                .orders(limit: 1_000), .changes(after: int(2) == 0 ? nil : "c1", limit: 1_000),
                .accounts(limit: 1_000), .health, .totals, .books, .order(id: id()),
                .balance(user: text()),
                .ordersOf(user: text(), limit: 100),
                .transfers(user: text(), limit: 100), .submit(submission),
            ]
            return any[int(any.count)]
        }
        let submissions = asked.indices.filter {
            if case .submit = asked[$0] { true } else { false }
        }
        // What was submitted is answered soon: its outcomes are what the run is about.
        let place =
            submissions.isEmpty || int(3) == 0
            ? int(asked.count) : submissions[int(submissions.count)]
        // One in four stays on the list and will be answered again.
        return int(4) == 0 ? asked[place] : asked.remove(at: place)
    }

    private mutating func failed() -> Event {
        let failures: [Failure] = [
            .unreachable(text()), .broken(text()), .timedOut, .nonsense(text()),
            .server(status: 503, detail: text(), retryAfter: int(99) - 9),
            .server(status: 500, detail: text()),
            .refused(
                status: [404, 409, 422, 429][int(4)], detail: text(),
                fields: int(2) == 0
                    ? []
                    : [FieldRefusal(field: ["amount", "user_id", "x"][int(3)], message: text())]
            ),
        ]
        return .failed(request(), failures[int(failures.count)], moment(int(300)))
    }

    private mutating func responded() -> Event {
        let request = request()
        let isFitting = int(20) > 0
        let response =
            isFitting ? answer(request) : answer([.health, .orders(limit: 1)][int(2)])
        let cost = Cost(milliseconds: Int64(int(3_000)), bytes: int(100_000))
        return .responded(request, response, cost, moment(int(300)))
    }

    private mutating func answer(_ request: Request) -> Response {
        switch request {
        case .orders, .ordersOf: .orders(rows(int(40)))
        case .changes:
            .changes(rows(int(60)), next: "c\(int(50))", hasMore: int(4) == 0)
        case .accounts:
            .accounts((0..<int(30)).map { _ in account() })
        case .order(let id):
            .order(OrderDetail(row: row(id), history: [], raw: text()))
        case .balance(let user): .balance(AccountRow(user: user, balance: amount()))
        case .transfers(let user, _): .transfers(user: user, [])
        case .health:
            .health([ServiceHealth(name: "orders", isUp: int(2) == 0, detail: text())])
        case .totals:
            .totals(
                Totals(
                    pending: int(9), paid: .max, failed: int(9), accounts: int(9),
                    balance: amount()))
        case .books:
            .books(
                Books(
                    standing: [.balanced, .wrong, .unknown][int(3)], wrong: int(9),
                    parked: (0..<int(20)).map { number in
                        ParkedRow(
                            id: "orders/\(number + int(3))", queue: text(), reason: text(),
                            parkedAt: Int64(number))
                    }))
        case .submit(let submission):
            if case .placeOrder = submission.content {
                .placed(row(id()))
            } else {
                .account(account())
            }
        }
    }

    private mutating func id() -> String { "o\(int(400))" }
    private mutating func amount() -> Cents { Cents(Int64.random(in: -9...99_999, using: &random)) }
    private mutating func account() -> AccountRow {
        AccountRow(user: int(3) == 0 ? text() : "u\(int(80))", balance: amount())
    }
    private mutating func rows(_ count: Int) -> [OrderRow] { (0..<count).map { _ in row(id()) } }

    private mutating func row(_ id: String) -> OrderRow {
        let created = (Operator.epoch + now) * 1_000 - Int64(int(9_000_000))
        return OrderRow(
            id: id, user: text(), amount: amount(), description: text(),
            status: OrderStatus.allCases[int(4)], createdAt: int(40) == 0 ? .max : created,
            updatedAt: int(40) == 0 ? .min : created + Int64(int(900_000)),
            failureReason: int(3) == 0 ? text() : nil)
    }
}
