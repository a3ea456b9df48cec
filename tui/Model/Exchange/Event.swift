/// Everything that can happen to the screen.
package enum Event: Sendable {
    case key(Key)
    /// Bracketed paste: text for the field in focus, never keys.
    case paste(String)
    case mouse(Mouse)
    case resize(Size)
    /// The drawn layout; sent when it differs from the last sent.
    case laidOut(Extents)
    /// Time passed; needed no later than ``State/nextDeadline``.
    case tick(Moment)
    case responded(Request, Response, Cost, Moment)
    case failed(Request, Failure, Moment)
    /// An export was written, or could not be (`error` says why).
    case exported(path: String, error: String?)
    /// Back in the foreground after ``Effect/suspend``.
    case resumed(Moment)
}

/// How much the view drew, and how much more there was to draw.
package struct Extents: Hashable, Sendable {
    /// Rows that each pane shows.
    package var rows: [Pane: Int]
    /// Lines that the selected order's timeline has, those out of sight included.
    package var detailLines: Int
    /// Lines that the text over the panes can be scrolled by.
    package var overlayScroll: Int

    /// - Parameters: as the properties.
    package init(rows: [Pane: Int] = [:], detailLines: Int = 0, overlayScroll: Int = 0) {
        self.rows = rows
        self.detailLines = detailLines
        self.overlayScroll = overlayScroll
    }
}

/// Columns and rows of the terminal.
package struct Size: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    /// - Parameters: as the properties.
    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// A mouse action on what the view says lies under the pointer.
package struct Mouse: Hashable, Sendable {
    /// What was done.
    package enum Action: Hashable, Sendable { case press, doublePress, wheelUp, wheelDown }

    /// What was done.
    package let action: Action
    /// What is there; nil for empty space.
    package let target: Target?

    /// - Parameters: as the properties.
    package init(action: Action, target: Target?) {
        self.action = action
        self.target = target
    }
}

/// Something on the screen that the mouse can reach.
package enum Target: Hashable, Sendable {
    case pane(Pane)
    /// A row of a pane, by its index in the table (not its line on the screen).
    case row(Pane, index: Int)
    /// A column's heading, by its place in ``OrderColumn`` or ``AccountColumn`` `allCases`.
    case heading(Pane, column: Int)
    /// A field of the open form, by place.
    case field(Int)
    case suggestion(Int)
    case submit
    case cancel
    /// A hint in the key bar: pressing it is pressing the key.
    case hint(Key)
}
