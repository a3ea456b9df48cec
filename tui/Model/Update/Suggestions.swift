extension State {
    /// Suggestions shown at a time.
    private static var suggestionLimit: Int { 6 }

    /// Accounts that complete what is typed: those that begin so before those that have it inside.
    func suggest(_ form: inout Form, _ place: Int) {
        form.suggestions = []
        form.highlighted = nil
        let typed = form.fields[place].input.text
        guard form.fields[place].name == .user, form.kind != .openAccount, !typed.isEmpty else {
            return
        }
        let needle = Filter.Needle(typed)
        let found = accounts.rows.filter { needle.occurs(in: $0.user) }
            .map { (row: $0, isStart: $0.user.lowercased().hasPrefix(typed.lowercased())) }
            .sorted { left, right in
                left.isStart == right.isStart
                    ? left.row.rowID < right.row.rowID : left.isStart
            }
        form.suggestions = found.prefix(Self.suggestionLimit).map(\.row)
        if form.suggestions.count == 1, form.suggestions[0].rowID == RowID(typed) {
            form.suggestions = []
        }
    }

    /// Puts the highlighted suggestion into its field and goes on to the next.
    func takeSuggestion(_ form: inout Form) {
        guard case .field(let place) = form.focus, form.fields.indices.contains(place),
            let chosen = form.highlighted, form.suggestions.indices.contains(chosen),
            !form.isSending
        else { return }
        form.fields[place].input = TextInput(form.suggestions[chosen].user)
        form.fields[place].refusal = nil
        form.isSure = false
        form.touch(place)
        form.check(place)
        form.shiftFocus(by: 1)
    }
}
