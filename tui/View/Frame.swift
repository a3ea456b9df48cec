package import KassaModel

/// One picture of the screen: its cells, where the cursor blinks, and what the mouse would reach.
///
/// Whatever is written is cleaned and clipped: a wide character that would be cut in half becomes a
/// blank, so every row is exactly as wide as the screen.
package struct Frame: Equatable, Sendable {
    /// A place on the screen, from the upper left corner.
    package struct Place: Hashable, Sendable {
        package let column: Int
        package let row: Int

        /// A place, counted from 0.
        package init(column: Int, row: Int) {
            self.column = column
            self.row = row
        }
    }

    /// A region and what it stands for.
    struct Region: Equatable, Sendable {
        let rect: Rect
        let target: Target
    }

    package let size: Size
    /// Row by row.
    package private(set) var cells: [Cell]
    /// Where the cursor is shown; nil hides it.
    package var cursor: Place?
    /// What fits where; for ``Event/laidOut(_:)``.
    package var extents = Extents()
    private let isASCII: Bool
    private var regions: [Region] = []

    /// Columns and rows that a frame may have: what a terminal claims beyond them is left blank.
    package static let limit = Size(columns: 1_000, rows: 500)

    /// A blank frame; with `ascii`, nothing but ASCII ever stands in it.
    package init(size: Size, ascii: Bool = false) {
        self.size = Size(
            columns: min(max(0, size.columns), Self.limit.columns),
            rows: min(max(0, size.rows), Self.limit.rows))
        cells = Array(repeating: .blank, count: self.size.columns * self.size.rows)
        isASCII = ascii
    }

    /// The whole of it.
    package var bounds: Rect {
        Rect(column: 0, row: 0, columns: size.columns, rows: size.rows)
    }

    /// The cells of one row.
    package func row(_ row: Int) -> ArraySlice<Cell> {
        cells[row * size.columns..<(row + 1) * size.columns]
    }

    /// What lies under the pointer; the region entered last wins.
    package func target(at place: Place) -> Target? {
        regions.last { $0.rect.contains(column: place.column, row: place.row) }?.target
    }

    /// Says what the mouse reaches in a region.
    package mutating func mark(_ rect: Rect, as target: Target) {
        guard !rect.isEmpty else { return }
        regions.append(Region(rect: rect, target: target))
    }

    /// Writes a text into a line, clipped to it, and returns the columns used.
    ///
    /// - Parameter ellipsis: stands in the last column where the text was cut.
    @discardableResult
    package mutating func write(
        _ text: String, in line: Rect, from start: Int = 0, style: Style = .plain,
        ellipsis: Unicode.Scalar? = nil
    ) -> Int {
        guard line.rows > 0, start < line.columns else { return 0 }
        var used = start
        for var cell in CleanText(text, ascii: isASCII) {
            let columns = Int(cell.columns)
            guard used + columns <= line.columns else {
                if used < line.columns {
                    place(Cell(" ", style: style), line.column + used, line.row)
                }
                if let ellipsis, line.columns > 0 {
                    let last = line.column + line.columns - 1
                    place(Cell(ellipsis, style: style), last, line.row)
                }
                return line.columns - start
            }
            cell.style = style
            place(cell, line.column + used, line.row)
            used += columns
        }
        return used - start
    }

    /// Fills a rectangle with one character of one column.
    package mutating func fill(
        _ rect: Rect, with scalar: Unicode.Scalar = " ", style: Style = .plain
    ) {
        for row in rect.row..<rect.row + rect.rows {
            for column in rect.column..<rect.column + rect.columns {
                place(Cell(scalar, style: style), column, row)
            }
        }
    }

    /// Changes the style of what stands in a rectangle.
    package mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        for row in max(0, rect.row)..<max(0, min(size.rows, rect.row + rect.rows)) {
            let first = max(0, rect.column)
            let last = min(size.columns, rect.column + rect.columns)
            guard first < last else { continue }
            for index in row * size.columns + first..<row * size.columns + last {
                cells[index].style = change(cells[index].style)
            }
        }
    }

    /// Puts a cell, and blanks the rest of a wide character that it cuts.
    private mutating func place(_ cell: Cell, _ column: Int, _ row: Int) {
        guard row >= 0, row < size.rows, column >= 0, column + Int(cell.columns) <= size.columns
        else { return }
        let index = row * size.columns + column
        if cells[index].columns == 0, column > 0 { cells[index - 1] = blank(like: index - 1) }
        let end = index + Int(cell.columns)
        if end < (row + 1) * size.columns, cells[end].columns == 0 { cells[end] = blank(like: end) }
        cells[index] = cell
        if cell.columns == 2 { cells[index + 1] = Cell(" ", columns: 0, style: cell.style) }
    }

    private func blank(like index: Int) -> Cell { Cell(" ", style: cells[index].style) }
}

extension Frame {
    /// The picture as text, one line a row, without blanks at the ends: for `--once` and tests.
    package var text: String {
        var text = ""
        for row in 0..<size.rows {
            var line = String.UnicodeScalarView()
            for cell in self.row(row) where cell.columns > 0 {
                line.append(cell.base)
                line.append(contentsOf: cell.marks.scalars)
            }
            while line.last == " " { line.removeLast() }
            text += String(line) + "\n"
        }
        return text
    }
}
