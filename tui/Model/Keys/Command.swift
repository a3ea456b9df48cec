/// A `:` command.
package struct Command: Sendable {
    /// What stands after the name, for completion.
    package enum Argument: Hashable, Sendable {
        case none, filter, column, interval, user, order, format, theme, glyphs, onOff
    }

    /// The name; any unambiguous beginning of it will do.
    package let name: String
    package let argument: Argument
    /// Name and arguments, for help.
    package let usage: String
    package let help: String
    /// Whether it changes something at the server.
    package let isWriting: Bool

    private init(
        _ name: String, _ argument: Argument, _ arguments: String, _ help: String,
        isWriting: Bool = false
    ) {
        self.name = name
        self.argument = argument
        usage = arguments.isEmpty ? name : "\(name) \(arguments)"
        self.help = help
        self.isWriting = isWriting
    }

    /// All commands, in help's order.
    package static let all: [Command] = [
        Command("orders", .filter, "[FILTER]", "go to the orders, and filter them"),
        Command("accounts", .filter, "[FILTER]", "go to the accounts, and filter them"),
        Command("filter", .filter, "[FILTER]", "filter the pane in focus; nothing clears it"),
        Command("sort", .column, "COLUMN [asc|desc]", "sort the pane in focus"),
        Command("goto", .order, "ID", "select an order, known or not"),
        Command("interval", .interval, "250ms|2s", "poll that often, 100 ms to 1 h"),
        Command("pause", .none, "", "stop polling"),
        Command("resume", .none, "", "go on polling"),
        Command("retry", .none, "", "ask now"),
        Command("follow", .onOff, "[on|off]", "keep new rows in view"),
        Command("account", .none, "[USER]", "form: create an account", isWriting: true),
        Command("deposit", .user, "[USER [AMOUNT]]", "form: deposit", isWriting: true),
        Command(
            "order", .user, "[USER [AMOUNT [TEXT]]]", "form: place an order", isWriting: true),
        Command("copy", .none, "", "copy the selected id"),
        Command("raw", .none, "", "the selected order as JSON"),
        Command("export", .format, "csv|json [PATH]", "write what is shown to a file"),
        Command("theme", .theme, "dark|light|mono", "colours"),
        Command("glyphs", .glyphs, "utf8|ascii", "characters to draw with"),
        Command("mouse", .onOff, "on|off", "whether the screen takes the mouse"),
        Command("readonly", .none, "", "allow no changes from here until the end"),
        Command("log", .none, "", "go to the log"),
        Command("parked", .none, "", "go to the parked messages"),
        Command("help", .none, "", "keys and commands"),
        Command("quit", .none, "", "quit"),
    ]

    /// The command of a name, or of a beginning that only one has.
    static func named(_ name: some StringProtocol) -> Command? {
        let name = name.lowercased()
        if let exact = all.first(where: { $0.name == name }) { return exact }
        let candidates = all.filter { $0.name.hasPrefix(name) }
        return name.isEmpty || candidates.count != 1
            ? (name == "q" ? all.last : nil) : candidates[0]
    }
}

/// A typed line: the command's name and what stands after it.
struct CommandWords {
    let name: Substring
    let rest: Substring

    init(_ line: String) {
        let line = line.drop { $0 == " " || $0 == ":" }
        name = line.prefix { $0 != " " }
        rest = line.dropFirst(name.count).drop { $0 == " " }
    }

    /// The words after the name; the last of `limit` has all the rest.
    func words(_ limit: Int) -> [String] {
        rest.split(separator: " ", maxSplits: limit - 1, omittingEmptySubsequences: true)
            .map { word in String(word.drop { $0 == " " }) }
    }
}
