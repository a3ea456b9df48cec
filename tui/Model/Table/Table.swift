/// What a ``Table`` can hold.
package protocol TableRow: Sendable {
    /// What the rows can be sorted by.
    associatedtype Column: Hashable, Sendable, CaseIterable

    /// What the row is known by.
    var rowID: RowID { get }
    /// How the row stands to another by a column, ascending.
    func order(_ other: Self, by column: Column) -> Ordering
    /// Whether the filter lets it through.
    func matches(_ filter: Filter) -> Bool
    /// Rows that are kept in memory.
    static var capacity: Int { get }
    /// Which rows leave first when there are too many: the lowest.
    var keeping: (Int, Int64) { get }
}

/// How two values stand to each other.
package enum Ordering: Sendable {
    case before, same, after

    /// Compares two values of any ordered kind.
    package init<Value: Comparable>(_ left: Value, _ right: Value) {
        self = left < right ? .before : (right < left ? .after : .same)
    }
}

/// Rows known by their ids: sorted, filtered, selected and scrolled without losing the place.
///
/// Rows lie in slots; what is shown is a list of slots. A batch of changes takes its slots out of
/// the list, sorts just them and merges them back, so that thousands a second stay cheap.
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
    /// Rows that the pane shows.
    var height = 10

    private(set) var slots: [Row] = []
    private var slotOf: [RowID: Int] = [:]
    var shown: [Int] = []
    /// Slots whose place is out of date while the order holds still.
    var waiting: Set<Int> = []
    /// Those of ``waiting`` that have never been shown.
    var unseen: Set<Int> = []

    /// - Parameter sort: what the rows are sorted by at first.
    package init(sort: Sort<Row.Column>) { self.sort = sort }

    /// Rows the filter lets through, in their order: what ``row(at:)`` may be asked for.
    package var count: Int { shown.count }
    /// Rows known, those filtered out included.
    package var total: Int { slots.count }
    /// A row by its place in ``count``.
    package func row(at index: Int) -> Row { slots[shown[index]] }
    /// The row of an id, filtered out or not.
    package func row(_ id: RowID) -> Row? { slotOf[id].map { slots[$0] } }
    /// The selected row, filtered out or not.
    package var selectedRow: Row? { selected.flatMap { row($0) } }
    /// The place of the selected row; nil where the filter hides it or nothing is selected.
    package var selectedIndex: Int? {
        selected.flatMap { slotOf[$0] }.flatMap { shown.firstIndex(of: $0) }
    }
    /// All rows known, in no order.
    package var rows: [Row] { slots }
}

extension Table {
    /// Takes rows in. `reconcile` is given what is known and what came, and says what to keep; nil
    /// leaves everything as it is.
    mutating func merge(_ incoming: [Row], reconcile: (Row?, Row) -> Row?) {
        var touched: Set<Int> = []
        var added: Set<Int> = []
        for row in incoming {
            let id = row.rowID
            if let slot = slotOf[id] {
                guard let kept = reconcile(slots[slot], row) else { continue }
                slots[slot] = kept
                touched.insert(slot)
            } else if let kept = reconcile(nil, row) {
                let slot = slots.count
                slots.append(kept)
                slotOf[id] = slot
                touched.insert(slot)
                added.insert(slot)
            }
        }
        guard !touched.isEmpty else { return }
        if frozenUntil == nil || shown.isEmpty {
            place(touched, unseen: added)
        } else {
            waiting.formUnion(touched)
            unseen.formUnion(added)
        }
        evict()
    }

    /// A quarter more than the capacity may gather, so that the cost of leaving is shared by many.
    private mutating func evict() {
        guard slots.count > Row.capacity + Row.capacity / 4 else { return }
        let selectedSlot = selected.flatMap { slotOf[$0] }
        // Sorting bare numbers: comparing whole rows would copy their texts' references each time.
        let ranks = slots.indices.map { slot in
            slot == selectedSlot ? (Int.max, Int64.max) : slots[slot].keeping
        }
        let keep = Set(ranks.indices.sorted { ranks[$0] > ranks[$1] }.prefix(Row.capacity))
        let anchor = anchor
        var moved: [Int: Int] = [:]
        var rest: [Row] = []
        rest.reserveCapacity(Row.capacity + Row.capacity / 4)
        for slot in slots.indices where keep.contains(slot) {
            moved[slot] = rest.count
            rest.append(slots[slot])
        }
        slots = rest
        slotOf = Dictionary(
            rest.indices.map { (rest[$0].rowID, $0) }, uniquingKeysWith: { first, _ in first })
        shown = shown.compactMap { moved[$0] }
        waiting = Set(waiting.compactMap { moved[$0] })
        unseen = Set(unseen.compactMap { moved[$0] })
        restore(anchor.flatMap { anchor in moved[anchor.slot].map { ($0, anchor.line) } })
    }
}
