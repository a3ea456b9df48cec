/// A rectangle of cells, from its upper left corner.
package struct Rect: Hashable, Sendable {
    package var column: Int
    package var row: Int
    package var columns: Int
    package var rows: Int

    /// A rectangle of these bounds; negative sizes become 0.
    package init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    /// Whether nothing fits in.
    package var isEmpty: Bool { columns == 0 || rows == 0 }

    /// Whether a place lies inside.
    package func contains(column: Int, row: Int) -> Bool {
        column >= self.column && column < self.column + columns
            && row >= self.row && row < self.row + rows
    }

    /// The rectangle without so many cells at each side.
    package func inset(columns: Int = 1, rows: Int = 1) -> Rect {
        Rect(
            column: column + columns, row: row + rows, columns: self.columns - 2 * columns,
            rows: self.rows - 2 * rows)
    }

    /// The line at this place inside, counted from 0; empty where there is none.
    package func line(_ index: Int) -> Rect {
        guard index >= 0, index < rows else {
            return Rect(column: column, row: row, columns: 0, rows: 0)
        }
        return Rect(column: column, row: row + index, columns: columns, rows: 1)
    }
}
