import KassaModel
import KassaView
import Testing

/// Longer texts than there is room for, and where the other panes are.
@Suite struct ReadingTests {
    private let small = Size(columns: 40, rows: 10)

    private func frame(_ state: State) -> Frame {
        render(state, size: state.size, theme: Theme(.dark, depth: .indexed, glyphs: .utf8))
    }

    /// Presses a key and lays the screen out again, as the App does.
    private func press(_ state: inout State, _ key: Key) {
        Fixture.press(&state, key)
        _ = update(&state, .laidOut(frame(state).extents))
    }

    @Test func `the timeline scrolls to its end and back, and another order begins at its start`() {
        var state = Fixture.busy(size: small)
        for key in [Key.down, .down, .down, .down, .character("3")] { press(&state, key) }
        let whole = frame(state).extents.detailLines
        #expect(whole > frame(state).extents.rows[.detail] ?? 99)
        let order = state.selectedOrder?.id
        press(&state, .character("G"))
        #expect(frame(state).text.contains("last movements"))
        for _ in 0..<20 { press(&state, .down) }
        let end = state.detailScroll
        #expect(end == whole - (frame(state).extents.rows[.detail] ?? 0))
        press(&state, .up)
        #expect(state.detailScroll == end - 1, "no key is lost at the end")
        #expect(state.selectedOrder?.id == order, "scrolling selects nothing")
        press(&state, .character("n"))
        #expect(state.selectedOrder?.id != order && state.detailScroll == 0)
        press(&state, .character("N"))
        #expect(state.selectedOrder?.id == order)
    }

    @Test func `a long description is read whole`() {
        var state = Fixture.busy(size: small)
        let words = (0..<60).map { "word\($0)" }.joined(separator: " ")
        let row = OrderRow(
            id: Fixture.id(999), user: "alice", amount: Cents(5), description: words, status: .paid,
            createdAt: Fixture.wall * 1_000 + 60_000_000,
            updatedAt: Fixture.wall * 1_000 + 61_000_000)
        let answer = Response.orders([row])
        _ = update(&state, .responded(.orders(limit: 1_000), answer, Cost(), state.moment))
        for key in [Key.character("g"), .character("3")] { press(&state, key) }
        #expect(state.selectedOrder?.id == row.id)
        var read = ""
        for _ in 0..<20 {
            read += frame(state).text
            press(&state, .control("d"))
        }
        for number in 0..<60 { #expect(read.contains("word\(number)")) }
    }

    @Test(arguments: GoldenTests.sizes)
    func `help can be read to its end at every size, and no line of it is cut`(size: Size) {
        var state = Fixture.busy(size: size)
        press(&state, .character("?"))
        var read = frame(state).text
        for _ in 0..<40 where !read.contains("? UNKNOWN") {
            press(&state, .character(" "))
            read += frame(state).text
        }
        #expect(read.contains("? UNKNOWN"))
        #expect(!read.contains("…\n") && !read.contains("…│"))
        let end = frame(state).text
        press(&state, .down)
        press(&state, .up)
        press(&state, .down)
        #expect(frame(state).text == end)
    }

    @Test func `panes that have no place are named where the mouse reaches them`() throws {
        for (size, name) in [
            (Size(columns: 120, rows: 36), " 5 Log "),
            (Size(columns: 80, rows: 24), " 1 Accounts "),
        ] {
            let state = Fixture.busy(size: size)
            let frame = frame(state)
            let lines = frame.text.split(separator: "\n", omittingEmptySubsequences: false)
            let row = try #require(lines.firstIndex { $0.contains(name) })
            let found = try #require(lines[row].firstRange(of: name))
            let column = lines[row].distance(from: lines[row].startIndex, to: found.lowerBound)
            let target = frame.target(at: .init(column: column + 2, row: row))
            #expect(target == .pane(size.columns == 120 ? .log : .accounts))
        }
        let state = Fixture.busy(size: small)
        #expect(frame(state).target(at: .init(column: 0, row: 1)) == .pane(.accounts))
        #expect(frame(state).target(at: .init(column: 13, row: 1)) == .pane(.detail))
    }

    @Test func `the key bar shows the keys of whatever has the keyboard`() {
        var state = Fixture.busy()
        Fixture.press(&state, .character("o"))
        #expect(frame(state).text.contains("leave, keep the draft"))
        #expect(!frame(state).text.contains("q quit"))
        state = Fixture.lost(Fixture.busy())
        #expect(frame(state).text.contains("? help  q quit  r retry"))
    }
}
