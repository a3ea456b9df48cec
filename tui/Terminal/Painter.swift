internal import CNCurses
internal import Glibc
import KassaModel
import KassaView

/// Puts frames into curses, which sends what differs from the screen.
struct Painter {
    private var last: Frame?
    private var pairs: [Pair: Int32] = [:]
    private let isUTF8: Bool
    private let hasColour: Bool
    private let hasOwnColours: Bool

    private struct Pair: Hashable {
        let foreground: Colour
        let background: Colour
    }

    /// - Parameter hasOwnColours: whether -1 stands for the terminal's own colours.
    init(isUTF8: Bool, hasColour: Bool, hasOwnColours: Bool) {
        self.isUTF8 = isUTF8
        self.hasColour = hasColour
        self.hasOwnColours = hasOwnColours
    }

    /// Forgets what is on the screen: the next frame is drawn in full.
    mutating func forget() { last = nil }

    /// Draws the cells that changed since the last frame; false where none did.
    mutating func paint(_ frame: Frame) -> Bool {
        guard frame.size != last?.size || frame.cells != last?.cells || frame.cursor != last?.cursor
        else { return false }
        let window = cn_screen()
        let before = last?.size == frame.size ? last : nil
        if before == nil { werase(window) }
        let rows = min(frame.size.rows, Int(getmaxy(window)))
        let columns = min(frame.size.columns, Int(getmaxx(window)))
        for row in 0..<max(0, rows) {
            paint(frame.row(row).prefix(columns), over: before?.row(row), row: row, on: window)
        }
        if let place = frame.cursor {
            wmove(window, Int32(place.row), Int32(place.column))
        }
        curs_set(frame.cursor == nil ? 0 : 1)
        wnoutrefresh(window)
        last = frame
        return true
    }

    private mutating func paint(
        _ cells: ArraySlice<Cell>, over before: ArraySlice<Cell>?, row: Int,
        on window: UnsafeMutablePointer<WINDOW>?
    ) {
        for (column, index) in cells.indices.enumerated() {
            let cell = cells[index]
            guard cell.columns > 0, before.map({ $0[index] != cell }) ?? true else { continue }
            put(cell, row: row, column: column, on: window)
        }
    }

    private mutating func put(
        _ cell: Cell, row: Int, column: Int, on window: UnsafeMutablePointer<WINDOW>?
    ) {
        var text: (wchar_t, wchar_t, wchar_t, wchar_t, wchar_t, wchar_t) = (0, 0, 0, 0, 0, 0)
        let attributes = attributes(of: cell.style)
        let pair = pair(of: cell.style)
        var shown = cchar_t()
        guard fits(cell) else {
            text.0 = 0x3F
            cn_cell(&shown, &text.0, attributes, pair)
            for offset in 0..<Int(cell.columns) {
                mvwadd_wch(window, Int32(row), Int32(column + offset), &shown)
            }
            return
        }
        text.0 = wchar_t(bitPattern: cell.base.value)
        if !cell.marks.isEmpty {
            let marks = cell.marks.scalars.map { wchar_t(bitPattern: $0.value) }
                .filter { wcwidth($0) == 0 }
            let padded = marks + [0, 0, 0, 0]
            (text.1, text.2, text.3, text.4) = (padded[0], padded[1], padded[2], padded[3])
        }
        withUnsafePointer(to: &text) { pointer in
            pointer.withMemoryRebound(to: wchar_t.self, capacity: 6) {
                _ = cn_cell(&shown, $0, attributes, pair)
            }
        }
        mvwadd_wch(window, Int32(row), Int32(column), &shown)
    }

    /// Whether curses gives the character the columns that the frame gave it; else it would shift
    /// the rest of the row, and a question mark stands in.
    private func fits(_ cell: Cell) -> Bool {
        if (0x20...0x7E).contains(cell.base.value) { return isUTF8 || cell.marks.isEmpty }
        return isUTF8 && wcwidth(wchar_t(bitPattern: cell.base.value)) == Int32(cell.columns)
    }

    private func attributes(of style: Style) -> attr_t {
        var attributes: attr_t = 0
        if style.attributes.contains(.bold) { attributes |= CN_BOLD }
        if style.attributes.contains(.dim) { attributes |= CN_DIM }
        if style.attributes.contains(.underline) { attributes |= CN_UNDERLINE }
        if style.attributes.contains(.reverse) { attributes |= CN_REVERSE }
        return attributes
    }

    private mutating func pair(of style: Style) -> Int32 {
        let key = Pair(foreground: style.foreground, background: style.background)
        guard hasColour, key.foreground != .standard || key.background != .standard else {
            return 0
        }
        if let known = pairs[key] { return known }
        let number = Int32(pairs.count + 1)
        // More pairs than the terminal has: the text stays, in its own colours.
        guard number < cn_pairs() else { return 0 }
        let foreground = index(key.foreground, standard: 7)
        let background = index(key.background, standard: 0)
        guard init_extended_pair(number, foreground, background) == OK else { return 0 }
        pairs[key] = number
        return number
    }

    private func index(_ colour: Colour, standard: Int32) -> Int32 {
        let index = Int32(colour.index)
        if index >= 0, index < cn_colours() { return index }
        return hasOwnColours ? -1 : standard
    }
}
