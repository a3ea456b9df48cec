/// The keys of the panes. Plain letters, because terminal multiplexers keep the control keys to
/// themselves.
package enum KeyMap {
    /// All bindings, in help's order.
    package static let bindings: [Binding] = moving + looking + polling + doing + program

    private static let moving: [Binding] = [
        Binding([.character("j"), .down], .down, .moving, "next row"),
        Binding([.character("k"), .up], .up, .moving, "row before"),
        Binding([.pageDown, .control("f"), .character(" ")], .pageDown, .moving, "page down"),
        Binding([.pageUp, .control("b")], .pageUp, .moving, "page up"),
        Binding([.control("d")], .halfDown, .moving, "half a page down"),
        Binding([.control("u")], .halfUp, .moving, "half a page up"),
        Binding([.character("g"), .home], .top, .moving, "first row", hint: "top"),
        Binding([.character("G"), .end], .bottom, .moving, "last row"),
        Binding(
            [.tab, .character("\t"), .right], .nextPane, .moving, "next pane", hint: "pane"),
        Binding([.backTab, .left], .previousPane, .moving, "pane before"),
        Binding([.character("1")], .pane(.accounts), .moving, "accounts"),
        Binding([.character("2")], .pane(.orders), .moving, "orders"),
        Binding([.character("3")], .pane(.detail), .moving, "timeline of the selected order"),
        Binding([.character("4")], .pane(.rates), .moving, "rates"),
        Binding([.character("5"), .character("l")], .pane(.log), .moving, "log", hint: "log"),
        Binding([.character("6")], .pane(.parked), .moving, "parked messages"),
        Binding(
            [.enter], .open, .moving, "an account's orders; an order's timeline", hint: "open"),
        Binding([.character("n")], .nextOrder, .moving, "next order, from whatever pane"),
        Binding([.character("N")], .previousOrder, .moving, "order before, from whatever pane"),
    ]

    private static let looking: [Binding] = [
        Binding(
            [.character("/")], .filter, .looking,
            "filter: alice !paid user:bob status:failed amount:>100", hint: "filter"),
        Binding([.escape], .clearFilter, .looking, "clear the filter"),
        Binding([.character("s")], .sortNext, .looking, "sort by the next column", hint: "sort"),
        Binding([.character("S")], .sortReverse, .looking, "turn the sort round"),
        Binding([.character("f")], .follow, .looking, "follow new rows, or stop", hint: "follow"),
        Binding([.character("J")], .raw, .looking, "selected order as JSON", hint: "json"),
        Binding([.character("w")], .lastPlaced, .looking, "select the order placed here last"),
    ]

    private static let polling: [Binding] = [
        Binding([.character("p")], .pause, .polling, "pause, or go on", hint: "pause"),
        Binding([.character("+"), .character("=")], .faster, .polling, "poll more often"),
        Binding([.character("-")], .slower, .polling, "poll less often", hint: "slower"),
        Binding([.character("r")], .retry, .polling, "ask now", hint: "retry"),
    ]

    private static let doing: [Binding] = [
        Binding(
            [.character("a")], .openAccount, .doing, "create an account", hint: "account",
            isWriting: true),
        Binding(
            [.character("d")], .deposit, .doing, "deposit to an account", hint: "deposit",
            isWriting: true),
        Binding(
            [.character("o")], .placeOrder, .doing, "place an order", hint: "order",
            isWriting: true),
        Binding([.character("y")], .copy, .doing, "copy the selected id", hint: "copy"),
        Binding([.character("e")], .exportCSV, .doing, "export what is shown as CSV", hint: "csv"),
        Binding([.character("E")], .exportJSON, .doing, "export what is shown as JSON"),
    ]

    private static let program: [Binding] = [
        Binding([.character("?"), .function(1)], .help, .program, "this help", hint: "help"),
        Binding([.character(":")], .command, .program, "command line", hint: "cmd"),
        Binding(
            [.character("m")], .toggleMouse, .program,
            "mouse on or off (off: the terminal selects text)", hint: "mouse"),
        Binding([.control("l")], .redraw, .program, "draw anew"),
        Binding([.control("z")], .suspend, .program, "suspend; fg brings it back"),
        Binding(
            [.character("q"), .control("c")], .quit, .program, "quit", hint: "quit"),
    ]

    /// Keys inside forms, `/` and `:`, for help; they are not remapped.
    package static let typing: [(keys: String, help: String)] = [
        ("Tab S-Tab Up Down", "next or previous field; choose among suggestions"),
        ("Enter", "take the suggestion, go on; submits only on the Submit button"),
        ("Esc", "leave; a form keeps its draft"),
        ("^A ^E ^U ^K ^W", "start, end, clear before, clear after, delete a word"),
    ]

    private static let actions: [Key: Action] = Dictionary(
        bindings.flatMap { binding in binding.keys.map { ($0, binding.action) } },
        uniquingKeysWith: { first, _ in first })

    /// What a key of the panes does; nil for a key without a meaning.
    package static func action(for key: Key) -> Action? { actions[key] }

    /// What the key bar may show, the most useful first; read-only screens have less to offer.
    package static func hints(isReadOnly: Bool) -> [(key: Key, word: String)] {
        let order: [Action] = [
            .help, .quit, .filter, .command, .nextPane, .placeOrder, .deposit, .openAccount,
            .open, .sortNext, .follow, .pause, .retry, .copy, .raw, .exportCSV, .pane(.log),
            .slower,
            .toggleMouse, .top,
        ]
        return order.compactMap { action in
            guard let binding = bindings.first(where: { $0.action == action }),
                let hint = binding.hint, let key = binding.keys.first,
                !(isReadOnly && binding.isWriting)
            else { return nil }
            return (key, hint)
        }
    }

    /// Help's lines, by group: the keys' names and what they do.
    package static func help(
        isReadOnly: Bool
    ) -> [(group: String, lines: [(keys: String, help: String)])] {
        var sections = Binding.Group.allCases.map { group in
            let lines = bindings.filter { $0.group == group && !(isReadOnly && $0.isWriting) }
                .map { binding in
                    let names = binding.keys.filter { $0 != .character("\t") }.map(\.name)
                    return (keys: names.joined(separator: " "), help: binding.help)
                }
            return (group: group.rawValue, lines: lines)
        }
        sections.append((group: "Typing", lines: typing))
        sections.append(
            (
                group: "Commands",
                lines: Command.all.filter { !(isReadOnly && $0.isWriting) }
                    .map { (keys: ":" + $0.usage, help: $0.help) }
            ))
        return sections
    }
}
