import KassaModel
import Testing

struct OrderMergingTests {
    @Test func `a settled order never opens again, however answers overtake each other`() {
        var it = Operator.live(orders: [Operator().order("a")])
        it.change([it.order("a", .paid, settledAfter: 18)])
        it.answer(.orders(limit: 1_000), .orders([it.order("a")]))
        #expect(it.state.orders.row(RowID("a"))?.status == .paid)
        it.change([it.order("a", settledAfter: 99)])
        #expect(it.state.orders.row(RowID("a"))?.status == .paid, "not by a later clock either")
    }

    @Test(arguments: [true, false])
    func `the later state wins in either order of arrival`(isReversed: Bool) {
        var it = Operator.live()
        let rows = [it.order("a"), it.order("a", .failed, settledAfter: 41, reason: "no funds")]
        for row in isReversed ? rows.reversed() : rows { it.change([row]) }
        #expect(it.state.orders.row(RowID("a"))?.status == .failed)
        #expect(it.state.orders.total == 1)
        #expect(it.state.orders.row(RowID("a"))?.settleTime == 41_000)
    }

    @Test func `a change is highlighted for a moment; the first answer is not news`() {
        var it = Operator.live(orders: [Operator().order("a"), Operator().order("b")])
        #expect(it.state.orders.row(RowID("a"))?.isHighlighted(at: it.now) == false)
        it.change([it.order("a", .paid, settledAfter: 5)])
        #expect(it.state.orders.row(RowID("a"))?.isHighlighted(at: it.now) == true)
        #expect(it.state.orders.row(RowID("b"))?.isHighlighted(at: it.now) == false)
        it.wait(OrderRow.highlightLength)
        #expect(it.state.orders.row(RowID("a"))?.isHighlighted(at: it.now) == false)
    }

    @Test func `rates count live orders by the server's seconds, the first answer not`() throws {
        var it = Operator.live(orders: [Operator().order("old", at: -9_000)])
        for second in 0..<10 {
            let rows = (0..<5).map { number in
                it.order("o\(second)-\(number)", at: Int64(1_000 + second * 1_000))
            }
            it.change(rows)
            it.change(
                rows.map {
                    it.order($0.id, at: Int64(1_000 + second * 1_000), .paid, settledAfter: 20)
                })
            it.wait(1_000)
        }
        it.change([it.order("x", at: 10_500, .failed, settledAfter: 400)])
        let wall = it.moment.wall
        #expect(it.state.rates.perSecond(at: wall) == 5.1)
        #expect(it.state.rates.outcomes(at: wall) == (paid: 50, failed: 1))
        let percentiles = try #require(it.state.rates.percentiles(at: wall))
        #expect(abs(percentiles.p50 - 20_000) < 1_300)
        #expect(abs(percentiles.p99 - 400_000) < 26_000)
        #expect(it.state.rates.seconds(12, at: wall).map(\.placed).reduce(0, +) == 51)
        #expect(it.state.rates.pending == 1)
        #expect(it.state.rates.seconds(3, at: wall + 500_000).allSatisfy { $0.placed == 0 })
    }

    @Test func `an order from before the start that comes up again is not counted as placed`() {
        var it = Operator.live(orders: [Operator().order("a", at: 500)])
        it.change([it.order("older", at: 100, .paid, settledAfter: 600)])
        #expect(it.state.rates.seconds(60, at: it.moment.wall).map(\.placed).reduce(0, +) == 0)
        #expect(it.state.rates.outcomes(at: it.moment.wall).paid == 1)
    }

    @Test func `hostile times and ids do not trap`() {
        var it = Operator.live()
        let rows = [Int64.min, .max, 0, -1].enumerated().map { place, time in
            OrderRow(
                id: place == 0 ? "" : "x\(place)", user: "", amount: Cents(.min), description: "",
                status: place == 1 ? .paid : .unknown, createdAt: time, updatedAt: .max)
        }
        it.change(rows)
        it.press(.character("G"))
        for column in OrderColumn.allCases { it.command("sort \(column.rawValue)") }
        it.wait(5_000)
        #expect(it.state.orders.total == 4)
        #expect(!it.state.exportText(.json).isEmpty)
    }

    @Test func `two user ids that only look alike are two accounts`() {
        let it = Operator.live(accounts: [
            AccountRow(user: "\u{E9}", balance: Cents(1)),
            AccountRow(user: "e\u{301}", balance: Cents(2)),
        ])
        #expect(it.state.accounts.total == 2)
        #expect(it.state.accounts.row(RowID("\u{E9}"))?.balance == Cents(1))
    }

    @Test func `the selected open order is watched four times a second, once it is settled not`() {
        var it = Operator.live(orders: [Operator().order("a")])
        it.press(.character("j"))
        #expect(it.requests == [.order(id: "a")])
        let open = OrderDetail(row: it.order("a"), history: [], raw: "{}")
        it.answer(.order(id: "a"), .order(open))
        it.wait(250)
        #expect(it.requests.contains(.order(id: "a")))
        let paid = OrderDetail(row: it.order("a", .paid, settledAfter: 9), history: [], raw: "{}")
        it.answer(.order(id: "a"), .order(paid))
        #expect(it.requests.contains(.transfers(user: "alice", limit: 100)))
        #expect(it.state.selectedDetail == paid)
        #expect(it.state.orders.selectedRow?.status == .paid)
        it.wait(900)
        #expect(!it.requests.contains(.order(id: "a")))
        let transfer = TransferRow(
            id: "t", amount: Cents(100), debit: "d", credit: "c", kind: "charge", orderID: "a",
            createdAt: 0)
        it.answer(
            .transfers(user: "alice", limit: 100), .transfers(user: "alice", [transfer]))
        #expect(it.state.selectedTransfer == transfer)
    }

    @Test func `details of another order are not shown for the selected one`() {
        var it = Operator.live(orders: [Operator().order("a"), Operator().order("b", at: 1)])
        it.press(.character("j"))
        it.press(.character("j"))
        #expect(it.state.orders.selected == RowID("a"))
        let other = OrderDetail(row: it.order("b", at: 1), history: [], raw: "{}")
        it.answer(.order(id: "b"), .order(other))
        #expect(it.state.selectedDetail == nil)
        #expect(it.requests == [.order(id: "a")])
    }
}
