extension State {
    mutating func typeCommand(_ key: Key) -> [Effect] {
        commandLine.complaint = nil
        switch key {
        case .escape, .control("c"):
            overlay = nil
            return []
        case .backspace where commandLine.input.text.isEmpty:
            overlay = nil
            return []
        case .enter: return enterCommand()
        case .tab, .backTab: nextCompletion(key == .tab ? 1 : -1)
        case .up: recall(1)
        case .down: recall(-1)
        default:
            guard commandLine.input.edit(key) else { return [] }
            commandLine.chosen = nil
            commandLine.recalled = nil
            complete()
        }
        return []
    }

    private mutating func enterCommand() -> [Effect] {
        let line = commandLine.input.text
        guard line.contains(where: { $0 != " " }) else {
            overlay = nil
            return []
        }
        commandLine.history.removeAll { $0 == line }
        commandLine.history.append(line)
        if commandLine.history.count > CommandLine.historyLimit {
            commandLine.history.removeFirst()
        }
        overlay = nil
        commandLine.recalled = nil
        switch run(line) {
        case .success(let effects): return effects
        case .failure(let complaint):
            // The line stays, so that a slip can be mended.
            overlay = .command
            commandLine.complaint = complaint.text
            return [.bell]
        }
    }

    private mutating func recall(_ step: Int) {
        guard !commandLine.history.isEmpty else { return }
        let last = commandLine.history.count - 1
        let place = (commandLine.recalled ?? -1) + step
        guard place >= 0 else {
            commandLine.recalled = nil
            commandLine.input = TextInput()
            complete()
            return
        }
        commandLine.recalled = min(place, last)
        commandLine.input = TextInput(commandLine.history[last - min(place, last)])
        complete()
    }

    // MARK: Completion.

    private static var completionLimit: Int { 12 }

    private mutating func nextCompletion(_ step: Int) {
        let count = commandLine.completions.count
        guard count > 0 else { return }
        let place = commandLine.chosen.map { $0 + step + count } ?? (step > 0 ? 0 : count - 1)
        commandLine.chosen = place % count
        let words = CommandWords(commandLine.input.text)
        let chosen = commandLine.completions[place % count]
        let isName = commandLine.isCompletingName
        commandLine.input = TextInput(isName ? chosen : "\(words.name) \(chosen)")
    }

    /// What the line could become; Tab goes through it.
    mutating func complete() {
        let words = CommandWords(commandLine.input.text)
        let isName = !commandLine.input.text.drop { $0 == " " }.contains(" ")
        commandLine.isCompletingName = isName
        let candidates =
            isName
            ? Command.all.filter { !(settings.isReadOnly && $0.isWriting) }.map(\.name)
            : Command.named(words.name).map { arguments($0.argument) } ?? []
        let typed = RowID(String(isName ? words.name : words.rest).lowercased())
        commandLine.completions = Array(
            candidates.lazy.filter { candidate in
                let candidate = candidate.lowercased()
                return candidate.hasPrefix(typed.text) && RowID(candidate) != typed
            }
            .prefix(Self.completionLimit))
    }

    private func arguments(_ argument: Command.Argument) -> [String] {
        switch argument {
        case .none: []
        case .filter: OrderStatus.allCases.map { "status:" + $0.rawValue.lowercased() }
        case .column:
            filterPane == .accounts
                ? AccountColumn.allCases.map(\.rawValue) : OrderColumn.allCases.map(\.rawValue)
        case .interval: Settings.intervals.map { $0 < 1_000 ? "\($0)ms" : "\($0 / 1_000)s" }
        case .user: accounts.rows.map(\.rowID).sorted().map(\.text)
        case .order: orders.shown.prefix(200).indices.map { orders.row(at: $0).id }
        case .format: ["csv", "json"]
        case .theme: Settings.Theme.allCases.map(\.rawValue)
        case .glyphs: Settings.Glyphs.allCases.map(\.rawValue)
        case .onOff: ["on", "off"]
        }
    }
}
