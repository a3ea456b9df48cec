import KassaModel
import Testing

struct TableTests {
    private func orders(_ count: Int) -> [OrderRow] {
        (0..<count).map { Operator().order("o\($0)", at: Int64($0)) }.reversed()
    }

    @Test func `rows stand newest first, and follow until the operator moves`() {
        var it = Operator.live(orders: orders(30))
        #expect(it.shown.first == "o29")
        it.change([it.order("new", at: 100)])
        #expect(it.shown.first == "new")
        #expect(it.state.orders.top == 0)
        #expect(it.state.orders.newCount == 0)
        #expect(it.state.orders.selected == nil)
    }

    @Test func `the order of rows holds still while one moves, and the place is kept after`() {
        var it = Operator.live(orders: orders(30))
        for _ in 0..<5 { it.press(.character("j")) }
        let selected = it.state.orders.selected
        let before = it.shown
        it.change((0..<7).map { it.order("n\($0)", at: Int64(100 + $0)) })
        #expect(it.shown == before)
        it.wait(2_000)
        #expect(it.shown.count == 37)
        #expect(it.state.orders.selected == selected)
        #expect(it.state.orders.top == 7, "the selected row stays on its line")
        #expect(it.state.orders.newCount == 7)
        it.press(.character("f"))
        #expect(it.state.orders.top == 0)
        #expect(it.state.orders.newCount == 0)
        #expect(it.state.orders.selected == selected)
    }

    @Test func `what changes in a row is seen at once though its place holds still`() {
        var it = Operator.live(orders: orders(5))
        it.press(.character("j"))
        it.change([it.order("o2", at: 2, .paid, settledAfter: 3)])
        #expect(it.state.orders.row(RowID("o2"))?.status == .paid)
    }

    @Test func `rows above do not push the view without a selection either`() {
        var it = Operator.live(orders: orders(30))
        it.press(.character("f"))
        it.change([it.order("n", at: 100)])
        #expect(it.state.orders.top == 1)
        #expect(it.state.orders.newCount == 1)
    }

    @Test func `a filter hides the selected row and gives it back`() {
        var it = Operator.live(orders: orders(20))
        it.press(.down, .down, .down)
        #expect(it.state.orders.selected == RowID("o17"))
        it.press(.character("/"))
        it.type("o5")
        #expect(it.shown == ["o5"])
        #expect(it.state.orders.selected == RowID("o17"))
        #expect(it.state.orders.selectedIndex == nil)
        it.press(.escape)
        #expect(it.shown.count == 20)
        #expect(it.state.orders.selectedIndex == 2)
    }

    @Test func `memory is bounded, and the selected row is not forgotten`() {
        var it = Operator.live(orders: orders(20))
        it.press(.character("G"))
        #expect(it.state.orders.selected == RowID("o0"))
        for batch in 0..<16 {
            it.wait(10_000)
            it.change(
                (0..<1_000).map {
                    it.order("b\(batch)-\($0)", at: Int64(1_000 + batch * 1_000 + $0), .paid)
                })
        }
        #expect(it.state.orders.total <= 12_500)
        #expect(it.state.orders.total >= 10_000)
        #expect(it.state.orders.selected == RowID("o0"))
        #expect(it.state.orders.selectedRow != nil)
        #expect(it.shown == it.shown.sorted { it.created($0) > it.created($1) })
    }

    @Test func `merging in batches gives what sorting everything gives`() {
        var random = SeededRandom(seed: 7)
        for round in 0..<40 {
            var it = Operator.live()
            it.command("sort \(OrderColumn.allCases[round % OrderColumn.allCases.count].rawValue)")
            it.command("filter \(["", "!paid", "alice", "amount:>5"][round % 4])")
            for _ in 0..<12 {
                it.change(
                    (0..<Int.random(in: 0...30, using: &random)).map { _ in
                        let number = Int.random(in: 0...60, using: &random)
                        let after = Int64.random(in: 0...9, using: &random)
                        return it.order(
                            "o\(number)", at: Int64(number / 3),
                            [.pending, .paid, .failed][after == 0 ? 0 : number % 2 + 1],
                            user: ["alice", "bob"][number % 2], cents: Int64(number * 20),
                            settledAfter: after)
                    })
                if Bool.random(using: &random) { it.press(.character("j")) }
                if Bool.random(using: &random) { it.wait(2_500) }
            }
            it.wait(2_500)
            let merged = it.shown
            // Sorting anew, twice the other way round, is the same order by definition.
            it.press(.character("S"), .character("S"))
            #expect(merged == it.shown)
            #expect(Set(merged).count == merged.count)
        }
    }

    @Test func `page keys move by what the pane shows and stop at the ends`() {
        var it = Operator.live(orders: orders(50))
        it.press(.character("j"), .pageDown)
        #expect(it.state.orders.selectedIndex == 9)
        it.press(.character("G"))
        #expect(it.state.orders.selectedIndex == 49)
        #expect(it.state.orders.top == 40)
        it.press(.pageDown)
        #expect(it.state.orders.selectedIndex == 49)
        it.press(.character("g"), .character("k"))
        #expect(it.state.orders.selectedIndex == 0)
        #expect(it.state.orders.top == 0)
    }

    @Test func `a smaller pane keeps the selected row in view`() {
        var it = Operator.live(orders: orders(50))
        for _ in 0..<10 { it.press(.down) }
        it.send(.laidOut(Extents(rows: [.orders: 3, .accounts: 3])))
        #expect(it.state.orders.selectedIndex == 9)
        #expect((7...9).contains(it.state.orders.top))
    }

    @Test func `the wheel scrolls and leaves the selection alone`() {
        var it = Operator.live(orders: orders(50))
        it.press(.down)
        it.send(.mouse(Mouse(action: .wheelDown, target: .pane(.orders))))
        #expect(it.state.orders.top == 3)
        #expect(it.state.orders.selectedIndex == 0)
    }

    @Test func `a press on a row selects it; on its heading sorts; twice turns it round`() {
        var it = Operator.live(orders: orders(5))
        it.send(.mouse(Mouse(action: .press, target: .row(.orders, index: 3))))
        #expect(it.state.orders.selected == RowID("o1"))
        let amount = OrderColumn.allCases.firstIndex(of: .amount) ?? 0
        it.send(.mouse(Mouse(action: .press, target: .heading(.orders, column: amount))))
        #expect(it.state.orders.sort == Sort(.amount, isDescending: true))
        it.send(.mouse(Mouse(action: .press, target: .heading(.orders, column: amount))))
        #expect(it.state.orders.sort == Sort(.amount, isDescending: false))
        it.send(.mouse(Mouse(action: .press, target: .row(.orders, index: 99))))
        #expect(it.state.orders.selected == RowID("o1"))
    }
}

extension Operator {
    fileprivate func created(_ id: String) -> Int64 {
        state.orders.row(RowID(id))?.createdAt ?? 0
    }
}

/// A small generator (xorshift), so that a failing run can be had again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
