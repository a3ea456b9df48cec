extension State {
    /// What the key bar may show, the most useful first: the keys of whatever has the keyboard.
    package var hints: [(key: Key, word: String)] {
        switch overlay {
        case .form: Self.formHints
        case .filter:
            [(.enter, "keep"), (.escape, "clear"), (.down, "next row"), (.up, "row before")]
        case .command:
            [(.enter, "do it"), (.tab, "complete"), (.up, "earlier"), (.escape, "leave")]
        case .help: Self.readingHints
        case .raw: [(.character("y"), "copy")] + Self.readingHints
        case nil: paneHints
        }
    }

    private static let formHints: [(key: Key, word: String)] = [
        (.tab, "next"), (.backTab, "back"), (.enter, "next; submits on the button"),
        (.escape, "leave, keep the draft"), (.control("u"), "clear the field"),
    ]

    private static let readingHints: [(key: Key, word: String)] = [
        (.down, "down"), (.up, "up"), (.character(" "), "page down"), (.escape, "close"),
    ]

    /// The keys of the panes; what brings a picture back to life comes first where it stands still.
    private var paneHints: [(key: Key, word: String)] {
        var hints = KeyMap.hints(isReadOnly: settings.isReadOnly)
        func bring(_ word: String, as shown: String) {
            guard let place = hints.firstIndex(where: { $0.word == word }) else { return }
            let key = hints.remove(at: place).key
            hints.insert((key, shown), at: min(2, hints.count))
        }
        if case .lost = connection { bring("retry", as: "retry") }
        if pausedAt != nil { bring("pause", as: "go on") }
        return hints
    }
}
