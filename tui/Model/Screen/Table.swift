/// What a ``Table`` can hold.
package protocol TableRow: Sendable {
    /// What the rows can be sorted by.
    associatedtype Column: Hashable, Sendable

    /// What the row is known by.
    var rowID: RowID { get }
    /// Whether the row stands before another, ascending; equal rows are told apart by id.
    func precedes(_ other: Self, by column: Column) -> Bool
    /// Whether the filter lets it through.
    func matches(_ filter: Filter) -> Bool
}

extension OrderRow: TableRow {
    package var rowID: RowID { RowID(id) }
    package func precedes(_ other: OrderRow, by column: OrderColumn) -> Bool { false }
    package func matches(_ filter: Filter) -> Bool { true }
}

extension AccountRow: TableRow {
    package var rowID: RowID { RowID(user) }
    package func precedes(_ other: AccountRow, by column: AccountColumn) -> Bool { false }
    package func matches(_ filter: Filter) -> Bool { true }
}

/// What the operator asked to see.
package struct Filter: Hashable, Sendable {
    /// As typed.
    package let text: String

    /// - Parameter text: words, all of which must match.
    package init(_ text: String) { self.text = text }
}

/// Rows known by their ids: sorted, filtered, selected and scrolled without losing the place.
package struct Table<Row: TableRow>: Sendable {
    /// What the rows are sorted by.
    package internal(set) var sort: Sort<Row.Column>
    /// What is let through.
    package internal(set) var filter = Filter("")
    /// The selected row, wherever it is; it changes only by the operator's doing.
    package internal(set) var selected: RowID?
    /// The first row shown, as an index.
    package internal(set) var top = 0
    /// Rows that came above what is shown since the operator last looked there.
    package internal(set) var newCount = 0
    /// Whether the top is kept in view as rows come.
    package internal(set) var isFollowing = true
    /// Until when the order of rows holds still; nil when it moves.
    package internal(set) var frozenUntil: Instant?

    package init(sort: Sort<Row.Column>) { self.sort = sort }

    /// Rows the filter lets through, in their order: what ``row(at:)`` may be asked for.
    package var count: Int { 0 }
    /// Rows known, those filtered out included.
    package var total: Int { 0 }
    /// A row by its place in ``count``.
    package func row(at index: Int) -> Row { preconditionFailure("no row \(index)") }
    /// The row of an id, filtered out or not.
    package func row(_ id: RowID) -> Row? { nil }
    /// The place of the selected row; nil where the filter hides it or nothing is selected.
    package var selectedIndex: Int? { nil }
}
