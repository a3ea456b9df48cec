import KassaModel
import Testing

struct PollingTests {
    @Test func `the first orders are read after the cursor, so that nothing falls between`() {
        var it = Operator()
        var asked = it.effects
        #expect(asked.contains(.send(.changes(after: nil, limit: 1))))
        #expect(asked.contains(.send(.accounts(limit: 1_000))))
        #expect(asked.contains(.send(.health)))
        asked = it.answer(.changes(after: nil, limit: 1), .changes([], next: "c0", hasMore: false))
        #expect(asked == [.send(.orders(limit: 1_000))])
        asked = it.answer(.orders(limit: 1_000), .orders([it.order("a")]))
        #expect(asked == [.send(.changes(after: "c0", limit: 1_000))])
        #expect(it.shown == ["a"])
    }

    @Test func `a question is not asked again while its answer is awaited`() {
        var it = Operator.live()
        it.wait(1_000)
        #expect(it.requests == [.changes(after: "c1", limit: 1_000)])
        it.wait(5_000)
        #expect(!it.requests.contains(.changes(after: "c1", limit: 1_000)))
    }

    @Test func `what an App never answers is given up and asked again`() {
        var it = Operator.live()
        it.wait(1_000)
        it.wait(30_001)
        #expect(it.state.connection == .live, "the answer may have come while the screen was away")
        it.wait(1)
        guard case .lost(let outage) = it.state.connection else {
            Issue.record("still \(it.state.connection)")
            return
        }
        #expect(outage.failure == .timedOut)
        it.wait(20_000)
        #expect(it.requests.contains { if case .changes = $0 { true } else { false } })
    }

    @Test func `orders are polled once an interval, and at once while more is waiting`() {
        var it = Operator.live()
        it.wait(999)
        #expect(it.requests.isEmpty)
        it.wait(1)
        #expect(it.requests == [.changes(after: "c1", limit: 1_000)])
        it.change([it.order("a")], hasMore: true)
        #expect(it.requests.filter { $0 != .totals } == [.changes(after: "c2", limit: 1_000)])
        it.change([it.order("b")])
        #expect(it.requests.isEmpty)
    }

    @Test func `an answer to another cursor gives its rows but does not turn the stream back`() {
        var it = Operator.live()
        it.change([])
        it.answer(
            .changes(after: "c0", limit: 1_000),
            .changes([it.order("late")], next: "c1", hasMore: false))
        #expect(it.shown == ["late"])
        it.wait(1_000)
        #expect(it.requests.contains(.changes(after: "c2", limit: 1_000)))
    }

    @Test func `a refused cursor is given up for the end of the stream`() {
        var it = Operator.live(orders: [Operator().order("a")])
        it.wait(1_000)
        it.fail(.changes(after: "c1", limit: 1_000), .refused(status: 422, detail: "no cursor"))
        it.wait(20_000)
        #expect(it.requests.contains(.changes(after: nil, limit: 1)))
        #expect(it.shown == ["a"])
    }

    @Test func `too many pages behind, the newest orders are read anew`() {
        var it = Operator.live()
        it.wait(1_000)
        for _ in 0..<21 { it.change([], hasMore: true) }
        #expect(it.requests == [.changes(after: nil, limit: 1)])
    }

    @Test func `retries back off to 15 s, with jitter, and an answer ends the outage`() {
        var delays: [Int64] = []
        var it = Operator.live(orders: [Operator().order("a")])
        it.wait(1_000)
        for attempt in 1...12 {
            it.fail(.changes(after: "c1", limit: 1_000), .unreachable("refused"))
            guard case .lost(let outage) = it.state.connection else {
                Issue.record("not lost")
                return
            }
            #expect(outage.tries == attempt)
            #expect(outage.since == 2_000)
            delays.append(outage.retryAt - it.now)
            it.wait(delays[attempt - 1])
            #expect(it.requests.contains(.changes(after: "c1", limit: 1_000)) || it.now > 62_000)
            if it.now > 55_000 { break }
        }
        #expect(delays[0] >= 250 && delays[0] <= 500)
        #expect(delays.allSatisfy { $0 <= 15_000 })
        #expect(delays.contains { $0 > 7_000 })
        #expect(it.shown == ["a"], "the last good data stays")
        it.change([])
        #expect(it.state.connection == .live)
        #expect(it.state.log.lines.contains { $0.text.contains("orders are back") })
    }

    @Test func `two screens do not come back at the same instant`() {
        let retries = (UInt64(1)...8).map { seed -> Instant? in
            var it = Operator(seed: seed)
            it.wait(1)
            it.fail(.changes(after: nil, limit: 1), .timedOut)
            guard case .lost(let outage) = it.state.connection else { return nil }
            return outage.retryAt
        }
        #expect(Set(retries).count > 4)
    }

    @Test func `the server's Retry-After is kept, within reason`() {
        var it = Operator()
        it.wait(1)
        it.fail(
            .changes(after: nil, limit: 1),
            .server(status: 503, detail: "starting", retryAfter: 9_999))
        guard case .lost(let outage) = it.state.connection else {
            Issue.record("not lost")
            return
        }
        #expect(outage.retryAt - it.now == 30_000)
    }

    @Test func `r asks at once`() {
        var it = Operator()
        it.wait(1)
        it.fail(.changes(after: nil, limit: 1), .unreachable("refused"))
        it.press(.character("r"))
        #expect(it.requests.contains(.changes(after: nil, limit: 1)))
    }

    @Test func `pausing polls nothing; after a long pause the newest are read anew`() {
        var it = Operator.live()
        it.press(.character("p"))
        it.wait(10_000)
        #expect(it.requests.isEmpty)
        it.press(.character("p"))
        #expect(it.requests.contains(.changes(after: "c1", limit: 1_000)))
        it.change([])
        it.press(.character("p"))
        it.wait(70_000)
        it.press(.character("p"))
        #expect(it.requests.contains(.changes(after: nil, limit: 1)))
    }

    @Test func `plus and minus step through the intervals and stop at their ends`() {
        var it = Operator.live()
        for _ in 0..<20 { it.press(.character("+")) }
        #expect(it.state.settings.interval == 250)
        for _ in 0..<20 { it.press(.character("-")) }
        #expect(it.state.settings.interval == 30_000)
        it.command("interval 1500ms")
        #expect(it.state.settings.interval == 1_500)
        it.press(.character("+"))
        #expect(it.state.settings.interval == 1_000)
    }

    @Test func `a paid order has its account's balance asked; many have the list asked`() {
        var it = Operator.live(
            accounts: (0..<9).map { AccountRow(user: "u\($0)", balance: Cents(5_000)) })
        it.change([it.order("a", at: 1, .paid, user: "u1")])
        #expect(it.requests == [.balance(user: "u1")])
        it.wait(0)
        #expect(it.requests.isEmpty)
        it.answer(.balance(user: "u1"), .balance(AccountRow(user: "u1", balance: Cents(4_900))))
        #expect(it.state.accounts.row(RowID("u1"))?.balance == Cents(4_900))
        #expect(it.state.accounts.row(RowID("u1"))?.isHighlighted(at: it.now) == true)
        it.change((0..<9).map { it.order("b\($0)", at: 2, .paid, user: "u\($0)") })
        #expect(it.requests.isEmpty)
        it.wait(2_000)
        #expect(it.requests.contains(.accounts(limit: 1_000)))
    }

    @Test func `the next deadline is never past and never more than a second ahead`() {
        var it = Operator.live(orders: [Operator().order("a")])
        #expect(it.state.nextDeadline > it.now)
        #expect(it.state.nextDeadline <= it.now + 1_000)
        it.press(.character("j"))
        #expect(it.state.nextDeadline > it.now)
    }

    @Test func `an answer of another kind is nonsense, and does not trap`() {
        var it = Operator.live()
        it.wait(1_000)
        it.answer(.changes(after: "c1", limit: 1_000), .health([]))
        guard case .lost(let outage) = it.state.connection else {
            Issue.record("not lost")
            return
        }
        #expect(outage.failure.text.contains("odd answer"))
    }

    @Test func `a service that goes down is named, and so is its return`() {
        var it = Operator.live()
        it.answer(.health, .health([ServiceHealth(name: "orders", isUp: false, detail: "db")]))
        #expect(it.lastLine == "orders is down: db")
        it.answer(.health, .health([ServiceHealth(name: "orders", isUp: true)]))
        #expect(it.lastLine == "orders is up again")
    }

    @Test func `Enter on an account leads to its orders, the older ones asked for`() {
        var it = Operator.live(
            orders: [Operator().order("a", user: "bob"), Operator().order("b", user: "bobby")],
            accounts: [AccountRow(user: "bob", balance: Cents(1))])
        it.press(.character("1"), .down, .enter)
        #expect(it.requests == [.ordersOf(user: "bob", limit: 100)])
        #expect(it.state.focus == .orders && it.state.orders.filter.text == "user:=bob")
        #expect(it.shown == ["a"])
        it.answer(
            .ordersOf(user: "bob", limit: 100), .orders([it.order("old", at: -9_000, user: "bob")]))
        #expect(it.shown == ["a", "old"])
        #expect(it.state.orders.newCount == 0 && it.state.rates.paidInAll == 0)
    }

    @Test func `a stranger who pays brings the list of accounts forward`() {
        var it = Operator.live(accounts: [AccountRow(user: "bob", balance: Cents(1))])
        it.wait(2_500)
        it.change([it.order("a", at: 1, .paid, user: "new")])
        it.wait(10)
        #expect(it.requests.contains(.accounts(limit: 1_000)))
    }

    @Test func `totals say how many there are beyond what is kept; without them the screen counts`()
    {
        var it = Operator.live()
        it.change([it.order("a", at: 1)])
        #expect(it.state.pending == 1)
        it.wait(1_000)
        #expect(it.requests.contains(.totals), "a change brings them forward")
        let totals = Totals(
            pending: 7, paid: 1_000_000, failed: 3, accounts: 1, balance: Cents(5))
        it.answer(.totals, .totals(totals))
        #expect(it.state.pending == 7)
        it.wait(4_000)
        #expect(!it.requests.contains(.totals))
        it.wait(1_000)
        #expect(it.requests.contains(.totals), "at rest every five seconds")
    }

    @Test func `accounts that are counted but not listed bring the list forward`() {
        var it = Operator.live(accounts: [AccountRow(user: "bob", balance: Cents(1))])
        it.wait(5_000)
        #expect(it.requests.contains(.totals) && !it.requests.contains(.accounts(limit: 1_000)))
        let totals = Totals(pending: 0, paid: 0, failed: 0, accounts: 2, balance: nil)
        it.answer(.totals, .totals(totals))
        it.wait(1)
        #expect(it.requests.contains(.accounts(limit: 1_000)))
    }

    @Test func `a gateway that does not count is no trouble, and is not asked for long`() {
        var it = Operator()
        it.wait(1)
        let lines = it.state.log.lines.count
        it.fail(.totals, .refused(status: 404, detail: "Order not found"))
        #expect(it.state.log.lines.count == lines)
        it.wait(59_000)
        #expect(!it.requests.contains(.totals))
        it.wait(2_000)
        #expect(it.requests.contains(.totals))
    }
}
