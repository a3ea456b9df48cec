package import KassaModel

/// Where everything stands at a size.
package struct Layout: Equatable, Sendable {
    /// How much there is room for.
    package enum Extent: Equatable, Sendable {
        /// Under 40x10: one line that says how things stand.
        case line
        /// Under 80x24: the pane in focus, without a border.
        case single
        /// The pane in focus and the timeline.
        case stacked
        /// From 110x28: everything side by side.
        case full
    }

    package let extent: Extent
    /// One line; two where the panes are stacked or side by side.
    package let header: Rect
    /// The panes on show, in the order of their numbers.
    package private(set) var panes: [(pane: Pane, rect: Rect)] = []
    /// The newest event, or what is being typed after `/` or `:`.
    package let message: Rect
    package let hints: Rect

    package static func == (left: Layout, right: Layout) -> Bool {
        left.extent == right.extent && left.header == right.header
            && left.panes.elementsEqual(right.panes) { $0 == $1 }
    }

    /// The layout for a size and the pane in focus.
    package init(_ size: Size, focus: Pane) {
        let (columns, rows) = (size.columns, size.rows)
        func lines(_ row: Int, _ count: Int) -> Rect {
            Rect(column: 0, row: row, columns: columns, rows: min(count, rows))
        }
        if columns >= 110, rows >= 28 {
            extent = .full
        } else if columns >= 80, rows >= 24 {
            extent = .stacked
        } else {
            extent = columns >= 40 && rows >= 10 ? .single : .line
        }
        switch extent {
        case .full, .stacked:
            header = lines(0, 2)
            message = lines(rows - 2, 1)
            hints = lines(rows - 1, 1)
            let body = lines(2, rows - 4)
            panes = extent == .full ? Self.full(body, focus) : Self.stacked(body, focus)
        case .single:
            header = lines(0, 1)
            message = lines(rows - 1, 1)
            hints = message
            panes = [(focus, lines(1, rows - 2))]
        case .line:
            header = lines(0, 1)
            message = lines(1, 0)
            hints = message
        }
    }

    private static func full(_ body: Rect, _ focus: Pane) -> [(Pane, Rect)] {
        let lower = min(18, max(10, body.rows * 34 / 100))
        let isHuge = body.columns >= 160
        let (top, bottom) = body.split(rows: body.rows - lower)
        let (accounts, orders) = top.split(columns: isHuge ? 52 : 40)
        guard isHuge else {
            let (detail, side) = bottom.split(columns: body.columns - 46)
            return [
                (.accounts, accounts), (.orders, orders), (.detail, detail),
                (focus == .log || focus == .parked ? focus : .rates, side),
            ]
        }
        let (detail, rest) = bottom.split(columns: body.columns * 42 / 100)
        let (rates, log) = rest.split(columns: 50)
        return [
            (.accounts, accounts), (.orders, orders), (.detail, detail), (.rates, rates),
            (focus == .parked ? .parked : .log, log),
        ]
    }

    private static func stacked(_ body: Rect, _ focus: Pane) -> [(Pane, Rect)] {
        let lower = focus == .detail ? body.rows * 6 / 10 : max(7, body.rows * 3 / 10)
        let (top, bottom) = body.split(rows: body.rows - lower)
        return [(focus == .detail ? .orders : focus, top), (.detail, bottom)]
    }
}

extension Rect {
    fileprivate func split(columns first: Int) -> (Rect, Rect) {
        (
            Rect(column: column, row: row, columns: first, rows: rows),
            Rect(column: column + first, row: row, columns: columns - first, rows: rows)
        )
    }

    fileprivate func split(rows first: Int) -> (Rect, Rect) {
        (
            Rect(column: column, row: row, columns: columns, rows: first),
            Rect(column: column, row: row + first, columns: columns, rows: rows - first)
        )
    }
}
