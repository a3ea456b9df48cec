extension OrderRow: TableRow {
    package var rowID: RowID { RowID(id) }

    package static var capacity: Int { 10_000 }

    /// Open orders stay longest: they are the ones that something is still going to happen to.
    package var keeping: (Int, Int64) { (status.isSettled ? 0 : 1, updatedAt) }

    package func order(_ other: OrderRow, by column: OrderColumn) -> Ordering {
        switch column {
        case .created: Ordering(createdAt, other.createdAt)
        case .id: Ordering(rowID, other.rowID)
        case .user: Ordering(RowID(user), RowID(other.user))
        case .amount: Ordering(amount, other.amount)
        case .status: Ordering(status.rank, other.status.rank)
        case .settle: Ordering(settleTime ?? .max, other.settleTime ?? .max)
        case .updated: Ordering(updatedAt, other.updatedAt)
        }
    }

    package func matches(_ filter: Filter) -> Bool {
        filter.terms.allSatisfy { term in has(term) != term.isNegated }
    }

    private func has(_ term: Filter.Term) -> Bool {
        let needle = term.needle
        return switch term.place {
        case .id: term.finds(id)
        case .user: term.finds(user)
        case .status: needle.occurs(in: status.rawValue)
        case .text: needle.occurs(in: description)
        case .reason: needle.occurs(in: failureReason ?? "")
        case .amount, .balance:
            term.bound?.admits(amount) ?? needle.occurs(in: amount.description)
        case .anywhere:
            if let bound = term.bound {
                bound.admits(amount)
            } else {
                needle.occurs(in: user) || needle.occurs(in: status.rawValue)
                    || needle.occurs(in: id) || needle.occurs(in: description)
                    || needle.occurs(in: failureReason ?? "")
                    || needle.occurs(in: amount.description)
            }
        }
    }
}

extension OrderStatus {
    /// The order in which an operator wants to see them.
    fileprivate var rank: Int {
        switch self {
        case .unknown: 0
        case .pending: 1
        case .failed: 2
        case .paid: 3
        }
    }
}
