import KassaModel
import KassaView
import Testing

@Suite struct FrameTests {
    private let size = Size(columns: 10, rows: 2)

    private func line(_ columns: Int, from column: Int = 0) -> Rect {
        Rect(column: column, row: 0, columns: columns, rows: 1)
    }

    @Test func `text is clipped to its line and says so`() {
        var frame = Frame(size: size)
        #expect(frame.write("abcdefgh", in: line(5), ellipsis: "…") == 5)
        #expect(frame.text == "abcd…\n\n")
    }

    @Test func `text that just fits has no ellipsis`() {
        var frame = Frame(size: size)
        frame.write("abcde", in: line(5), ellipsis: "…")
        #expect(frame.text == "abcde\n\n")
    }

    @Test func `a wide character is never cut in half`() {
        var frame = Frame(size: size)
        frame.write("世世世", in: line(5))
        #expect(frame.text == "世世\n\n")
        frame.write("x", in: line(1, from: 1))
        #expect(frame.text == " x世\n\n")
        frame.write("y", in: line(1, from: 2))
        #expect(frame.text == " xy\n\n")
    }

    @Test func `a wide character over the left half of another leaves no half behind`() {
        var frame = Frame(size: size)
        frame.write("a世b", in: line(4))
        frame.write("世", in: line(2))
        #expect(frame.text == "世 b\n\n")
        #expect(frame.cells.prefix(4).map(\.columns) == [2, 0, 1, 1])
    }

    @Test func `an ellipsis over a wide character leaves no half behind`() {
        var frame = Frame(size: size)
        frame.write("世世世世", in: line(6), ellipsis: "…")
        #expect(frame.text == "世世 …\n\n")
    }

    @Test func `nothing is drawn outside`() {
        var frame = Frame(size: size)
        frame.fill(Rect(column: -3, row: -1, columns: 100, rows: 100), with: "x")
        #expect(frame.text == "xxxxxxxxxx\nxxxxxxxxxx\n")
        frame.write("abc", in: Rect(column: 8, row: 1, columns: 50, rows: 1))
        frame.write("abc", in: Rect(column: 0, row: 7, columns: 50, rows: 1))
        #expect(frame.text == "xxxxxxxxxx\nxxxxxxxxab\n")
    }

    @Test func `the pointer reaches what was drawn last`() {
        var frame = Frame(size: size)
        frame.mark(frame.bounds, as: .pane(.orders))
        frame.mark(line(3), as: .row(.orders, index: 7))
        #expect(frame.target(at: .init(column: 2, row: 0)) == .row(.orders, index: 7))
        #expect(frame.target(at: .init(column: 3, row: 0)) == .pane(.orders))
        #expect(frame.target(at: .init(column: 10, row: 0)) == nil)
    }

    @Test(arguments: [(0, 0), (-5, 3), (1_000_000, 1_000_000)])
    func `no size is too odd`(columns: Int, rows: Int) {
        let frame = Frame(size: Size(columns: columns, rows: rows))
        #expect(frame.cells.count == frame.size.columns * frame.size.rows)
    }
}
