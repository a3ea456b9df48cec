/// What lies over the panes and takes the keys.
package enum Overlay: Hashable, Sendable {
    /// The key map, scrolled down by `top` lines.
    case help(top: Int)
    /// The selected order's JSON, scrolled down by `top` lines.
    case raw(top: Int)
    case form(FormKind)
    /// `/`: the text is the filter of the pane in focus, and applies as it is typed.
    case filter
    /// `:`.
    case command
}

/// The `:` line.
package struct CommandLine: Sendable {
    /// What has been typed.
    package var input = TextInput()
    /// What Tab would complete it to, best first.
    package var completions: [String] = []
    /// The completion that is taken; nil until Tab is pressed.
    package var chosen: Int?
    /// Why the last one was not understood.
    package var complaint: String?
    /// Lines entered before, newest last, at most ``historyLimit``.
    package var history: [String] = []
    /// Where Up and Down are in the history, counted from the newest.
    package var recalled: Int?

    /// Whether ``completions`` are names of commands, rather than arguments.
    var isCompletingName = true

    /// Lines kept.
    package static let historyLimit = 100
}
