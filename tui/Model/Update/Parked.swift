extension State {
    /// Parked messages, newest first.
    package var parked: [ParkedRow] { books?.parked ?? [] }

    /// Where the selected parked message is: it stays selected while others come and go.
    package var parkedIndex: Int? {
        parked.isEmpty ? nil : parked.firstIndex { $0.id == parkedSelected } ?? 0
    }

    mutating func moveParked(_ action: Action) {
        guard let index = parkedIndex else { return }
        let page = max(1, (extents.rows[.parked] ?? 5) - 1)
        let wanted =
            switch action {
            case .down: index + 1
            case .up: index - 1
            case .pageDown, .halfDown: index + page
            case .pageUp, .halfUp: index - page
            case .top: 0
            case .bottom: parked.count - 1
            default: index
            }
        selectParked(wanted)
    }

    mutating func selectParked(_ index: Int) {
        guard !parked.isEmpty else { return }
        parkedSelected = parked[max(0, min(index, parked.count - 1))].id
    }

    /// The gateway told how the books stand: what has become worse is news.
    mutating func heardBooks(_ books: Books) {
        let before = self.books
        self.books = books
        if books.standing == .wrong, before?.standing != .wrong {
            note(.error, "the books are WRONG (\(books.wrong)): kassa audit names what")
        } else if before?.standing == .wrong, books.standing == .balanced {
            note(.success, "the books balance again")
        }
        let known = Set(before?.parked.map(\.id) ?? [])
        if before != nil, let new = books.parked.first(where: { !known.contains($0.id) }) {
            note(.warning, "\(new.id) parked: \(new.reason)")
        }
    }
}
