/// Why a `:` line was not carried out.
struct CommandComplaint: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

extension State {
    typealias CommandResult = Result<[Effect], CommandComplaint>

    /// Carries out a `:` line. Commands open forms and fill them in; none submits.
    mutating func run(_ line: String) -> CommandResult {
        let words = CommandWords(line)
        guard let command = Command.named(words.name) else {
            return .failure(CommandComplaint("no command '\(words.name)': :help lists them"))
        }
        if command.isWriting, settings.isReadOnly {
            return .failure(CommandComplaint("read-only: no changes from this screen"))
        }
        switch command.name {
        case "orders", "accounts":
            focus = command.name == "orders" ? .orders : .accounts
            if !words.rest.isEmpty { setFilter(String(words.rest)) }
            return .success([.save])
        case "filter":
            setFilter(String(words.rest))
            return .success([.save])
        case "sort": return sort(words.words(2))
        case "goto": return go(to: String(words.rest))
        case "interval": return interval(String(words.rest))
        case "pause": if pausedAt == nil { togglePause() }
        case "resume": if pausedAt != nil { togglePause() }
        case "follow": return follow(words.rest)
        case "account": return fill(.openAccount, words.rest.isEmpty ? [] : [String(words.rest)])
        case "deposit": return fill(.deposit, words.words(2))
        case "order": return fill(.placeOrder, words.words(3))
        case "export": return export(words.words(2))
        case "theme", "glyphs", "mouse", "readonly": return set(command.name, words.rest)
        default: return .success(perform(simple(command.name)))
        }
        return .success([])
    }

    private func simple(_ name: String) -> Action {
        switch name {
        case "retry": .retry
        case "copy": .copy
        case "raw": .raw
        case "log": .pane(.log)
        case "parked": .pane(.parked)
        case "quit": .quit
        default: .help
        }
    }

    private mutating func sort(_ words: [String]) -> CommandResult {
        let name = words.first?.lowercased() ?? ""
        let isDescending = words.count > 1 ? words[1].lowercased().hasPrefix("d") : nil
        if filterPane == .accounts {
            guard let column = AccountColumn(rawValue: name) else {
                return .failure(Self.noColumn(AccountColumn.allCases.map(\.rawValue)))
            }
            accounts.sort = Sort(column, isDescending: isDescending ?? (column != .user))
            accounts.rebuild()
        } else {
            guard let column = OrderColumn(rawValue: name) else {
                return .failure(Self.noColumn(OrderColumn.allCases.map(\.rawValue)))
            }
            let isText = column == .user || column == .id
            orders.sort = Sort(column, isDescending: isDescending ?? !isText)
            orders.rebuild()
        }
        return .success([.save])
    }

    private static func noColumn(_ names: [String]) -> CommandComplaint {
        CommandComplaint("sort by one of: \(names.joined(separator: " "))")
    }

    /// An order beyond what is kept in memory is fetched, and selected when the operator repeats
    /// the command: an answer never moves the selection.
    private mutating func go(to id: String) -> CommandResult {
        guard !id.isEmpty else { return .failure(CommandComplaint("goto which order?")) }
        focus = .orders
        let exact = orders.row(RowID(id))
        let known = exact ?? orders.rows.first { $0.id.hasPrefix(id) || $0.id.hasSuffix(id) }
        if let known {
            if !orders.select(known.rowID, at: moment.now) { note(.info, "no order \(id)") }
            return .success([])
        }
        note(.info, "asking for order \(id): repeat :goto when it is here")
        return .success([.send(.order(id: id))])
    }

    private mutating func interval(_ text: String) -> CommandResult {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let value = Int64(digits), value <= 3_600_000, unit == "ms" || unit == "s",
            case let interval = unit == "s" ? value * 1_000 : value,
            (100...3_600_000).contains(interval)
        else { return .failure(CommandComplaint("interval such as 250ms or 2s, 100 ms to 1 h")) }
        return .success(setInterval(interval))
    }

    private mutating func follow(_ text: Substring) -> CommandResult {
        switch text {
        case "on" where filterPane == .accounts: accounts.follow(true)
        case "on": orders.follow(true)
        case "off" where filterPane == .accounts: accounts.follow(false)
        case "off": orders.follow(false)
        case "": toggleFollow()
        default: return .failure(CommandComplaint("follow on or off"))
        }
        return .success([])
    }

    private mutating func fill(_ kind: FormKind, _ words: [String]) -> CommandResult {
        open(kind)
        guard var form = forms[kind], !words.isEmpty else { return .success([]) }
        guard !form.isSending, !form.isUnknown else { return .success([]) }
        for (place, word) in words.prefix(form.fields.count).enumerated() {
            form.fields[place].input = TextInput(word)
            form.fields[place].isTouched = true
            form.fields[place].refusal = nil
            form.check(place)
        }
        let missing = form.fields.firstIndex { $0.complaint != nil }
        form.focus = missing.map(Form.Focus.field) ?? .submit
        forms[kind] = form
        return .success([])
    }

    private mutating func export(_ words: [String]) -> CommandResult {
        guard let format = ExportFormat(rawValue: words.first?.lowercased() ?? "csv") else {
            return .failure(CommandComplaint("export csv or json"))
        }
        return .success(export(format, path: words.count > 1 ? words[1] : nil))
    }

    private mutating func set(_ name: String, _ value: Substring) -> CommandResult {
        switch (name, value) {
        case ("mouse", "on"): return .success(setMouse(true))
        case ("mouse", "off"): return .success(setMouse(false))
        case ("readonly", _):
            settings.isReadOnly = true
            note(.info, "read-only from here on")
            return .success([])
        case ("theme", _):
            guard let theme = Settings.Theme(rawValue: value.lowercased()) else { break }
            settings.theme = theme
            return .success([.redraw, .save])
        case ("glyphs", _):
            guard let glyphs = Settings.Glyphs(rawValue: value.lowercased()) else { break }
            settings.glyphs = glyphs
            return .success([.redraw, .save])
        default: break
        }
        let usage = Command.all.first { $0.name == name }?.usage ?? name
        return .failure(CommandComplaint(usage))
    }
}
