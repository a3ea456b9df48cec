extension AccountRow: TableRow {
    package var rowID: RowID { RowID(user) }

    package static var capacity: Int { 5_000 }

    package var keeping: (Int, Int64) { (0, rank) }

    package func order(_ other: AccountRow, by column: AccountColumn) -> Ordering {
        switch column {
        case .newest: Ordering(rank, other.rank)
        case .user: Ordering(rowID, other.rowID)
        case .balance: Ordering(balance, other.balance)
        }
    }

    package func matches(_ filter: Filter) -> Bool {
        filter.terms.allSatisfy { term in has(term) != term.isNegated }
    }

    private func has(_ term: Filter.Term) -> Bool {
        switch term.place {
        case .id, .user, .text: term.finds(user)
        case .status, .reason: false
        case .amount, .balance:
            term.bound?.admits(balance) ?? term.needle.occurs(in: balance.description)
        case .anywhere:
            term.bound?.admits(balance)
                ?? (term.needle.occurs(in: user)
                    || term.needle.occurs(in: balance.description))
        }
    }
}
