/// Everything a key of the panes can do.
package enum Action: Hashable, Sendable {
    case down, up, pageDown, pageUp, halfDown, halfUp, top, bottom
    case nextPane, previousPane, pane(Pane), open, nextOrder, previousOrder
    case filter, clearFilter, sortNext, sortReverse, follow
    case pause, faster, slower, retry
    case openAccount, deposit, placeOrder, lastPlaced
    case copy, raw, exportCSV, exportJSON, toggleMouse
    case help, command, redraw, suspend, quit
}

/// Keys of the panes, the action they do, and the words that help shows: the one place that has
/// all three.
package struct Binding: Hashable, Sendable {
    /// Help's headings.
    package enum Group: String, Hashable, Sendable, CaseIterable {
        case moving = "Moving"
        case looking = "Looking"
        case polling = "Polling"
        case doing = "Doing"
        case program = "Program"
    }

    /// Any of these.
    package let keys: [Key]
    package let action: Action
    package let group: Group
    /// A line of help.
    package let help: String
    /// The word in the key bar; nil where it has no place there.
    package let hint: String?
    /// Whether the action changes something at the server: absent from a read-only screen.
    package let isWriting: Bool

    init(
        _ keys: [Key], _ action: Action, _ group: Group, _ help: String, hint: String? = nil,
        isWriting: Bool = false
    ) {
        self.keys = keys
        self.action = action
        self.group = group
        self.help = help
        self.hint = hint
        self.isWriting = isWriting
    }
}
