extension Form {
    /// An empty form.
    init(_ kind: FormKind, key: String) {
        self.kind = kind
        self.key = key
        let user = FormField(name: .user, label: "Account")
        let amount = FormField(name: .amount, label: "Amount")
        fields =
            switch kind {
            case .openAccount: [FormField(name: .user, label: "User id")]
            case .deposit: [user, amount]
            case .placeOrder:
                [user, amount, FormField(name: .description, label: "Description")]
            }
        for place in fields.indices { check(place) }
    }

    /// What a field holds; empty where the form has no such field.
    package func text(_ name: FormField.Name) -> String {
        fields.first { $0.name == name }?.input.text ?? ""
    }

    /// The contract's rules, as the operator types.
    mutating func check(_ place: Int) {
        let text = fields[place].input.text
        fields[place].complaint =
            switch fields[place].name {
            case .user: TextRules.complaint(user: text)
            case .description: TextRules.complaint(description: text)
            case .amount:
                switch AmountText.parse(text) {
                case .success: nil
                case .failure(let complaint): complaint.text
                }
            }
    }

    /// What the fields amount to; nil while one of them is wrong.
    var content: Submission.Content? {
        guard fields.allSatisfy({ $0.complaint == nil }) else { return nil }
        if kind == .openAccount { return .openAccount(user: text(.user)) }
        guard case .success(let amount) = AmountText.parse(text(.amount)) else { return nil }
        return kind == .deposit
            ? .deposit(user: text(.user), amount: amount)
            : .placeOrder(
                user: text(.user), amount: amount, description: text(.description))
    }

    /// Whether the fields still say what went out last.
    var isAsSent: Bool { sent != nil && content == sent }

    /// The focus that Tab leads to, or Shift-Tab with -1.
    mutating func shiftFocus(by step: Int) {
        let stops = fields.indices.map(Focus.field) + [.submit, .cancel]
        let place = (stops.firstIndex(of: focus) ?? 0) + step + stops.count
        focus = stops[place % stops.count]
        suggestions = []
        highlighted = nil
    }

    /// Whether an answer is being waited for.
    package var isSending: Bool {
        if case .sending = phase { true } else { false }
    }

    /// Whether the last submission may or may not have been carried out.
    package var isUnknown: Bool {
        if case .unknown = phase { true } else { false }
    }
}

extension State {
    /// The form that has the keyboard.
    package var openForm: Form? {
        if case .form(let kind) = overlay { forms[kind] } else { nil }
    }

    /// The account a form names, if the screen knows it: its balance stands beside the field.
    package func account(of form: Form) -> AccountRow? {
        form.kind == .openAccount ? nil : accounts.row(RowID(form.text(.user)))
    }

    /// Whether a form names an account that is not among those seen, though they may be all there
    /// are; the server decides.
    package func isStranger(in form: Form) -> Bool {
        let user = form.text(.user)
        guard form.kind != .openAccount, !user.isEmpty, form.suggestions.isEmpty else {
            return false
        }
        return isFilled(.accounts) && accounts.total < 1_000 && account(of: form) == nil
    }

    /// What is doubtful, but the server's to decide, about the form's amount.
    package func warning(of form: Form) -> String? {
        guard form.kind == .placeOrder, let account = account(of: form),
            case .success(let amount) = AmountText.parse(form.text(.amount)),
            amount > account.balance
        else { return nil }
        return feeds[.accounts]?.outage == nil
            ? "more than the balance" : "more than the balance last seen"
    }

    /// Why Submit would do nothing now; nil when it would.
    package func obstacle(to form: Form) -> String? {
        if settings.isReadOnly { return "read-only" }
        if form.isSending { return "waiting for the answer" }
        if case .lost = connection { return "offline: the draft is kept" }
        if form.content == nil { return "fill in what is missing" }
        return nil
    }

    /// Opens a form with its draft; an empty account field takes the account in view.
    mutating func open(_ kind: FormKind) {
        guard !settings.isReadOnly else {
            note(.warning, "read-only: no changes from this screen")
            return
        }
        var form = forms[kind] ?? Form(kind, key: makeKey())
        if kind != .openAccount, form.text(.user).isEmpty, let user = userInView {
            form.fields[0].input = TextInput(user)
            form.check(0)
            form.focus = .field(1)
        }
        form.suggestions = []
        form.highlighted = nil
        forms[kind] = form
        overlay = .form(kind)
    }

    private var userInView: String? {
        focus == .accounts ? accounts.selected?.text : orders.selectedRow?.user
    }

    /// A key nobody has used: the session's text, then a number.
    mutating func makeKey() -> String {
        keysMade += 1
        return "\(session)-\(keysMade)"
    }

    // MARK: Typing.

    mutating func type(_ key: Key, into kind: FormKind) -> [Effect] {
        guard var form = forms[kind] else {
            overlay = nil
            return []
        }
        switch key {
        case .escape where form.highlighted != nil: form.highlighted = nil
        case .escape, .control("c"):
            overlay = nil
            return []
        case .tab, .down, .up, .backTab: step(key, in: &form)
        case .enter: return enter(form)
        case .left where !form.isInField, .right where !form.isInField:
            form.focus = form.focus == .submit ? .cancel : .submit
        default: edit(&form) { $0.edit(key) }
        }
        forms[kind] = form
        return []
    }

    mutating func paste(_ text: String, into kind: FormKind) {
        guard var form = forms[kind] else { return }
        edit(&form) { input in
            input.insert(text)
            return true
        }
        forms[kind] = form
    }

    /// Changes the field in focus, unless an answer about what stands there is awaited.
    private func edit(_ form: inout Form, _ change: (inout TextInput) -> Bool) {
        guard case .field(let place) = form.focus, form.fields.indices.contains(place),
            !form.isSending
        else { return }
        let before = form.fields[place].input.text
        guard change(&form.fields[place].input) else { return }
        guard !form.fields[place].input.text.utf8.elementsEqual(before.utf8) else { return }
        form.fields[place].isTouched = true
        form.fields[place].refusal = nil
        if !form.isUnknown { form.notice = nil }
        form.isSure = false
        form.check(place)
        suggest(&form, place)
    }

    private func step(_ key: Key, in form: inout Form) {
        if key == .down || key == .up, !form.suggestions.isEmpty {
            let last = form.suggestions.count - 1
            let place = form.highlighted.map { $0 + (key == .down ? 1 : -1) }
            form.highlighted = max(0, min(last, place ?? (key == .down ? 0 : last)))
        } else if key == .tab, form.highlighted != nil {
            takeSuggestion(&form)
        } else {
            if case .field(let place) = form.focus { form.touch(place) }
            form.shiftFocus(by: key == .tab || key == .down ? 1 : -1)
        }
    }

    private mutating func enter(_ form: Form) -> [Effect] {
        var form = form
        switch form.focus {
        case .submit: return submit(form)
        case .cancel:
            cancel(form)
            return []
        case .field(let place):
            if form.highlighted != nil {
                takeSuggestion(&form)
            } else {
                form.touch(place)
                form.shiftFocus(by: 1)
            }
        }
        forms[form.kind] = form
        return []
    }

    mutating func press(_ target: Target, in kind: FormKind) -> [Effect] {
        guard var form = forms[kind] else { return [] }
        switch target {
        case .field(let place) where form.fields.indices.contains(place):
            form.focus = .field(place)
            form.suggestions = []
            form.highlighted = nil
        case .suggestion(let place) where form.suggestions.indices.contains(place):
            form.highlighted = place
            takeSuggestion(&form)
        case .submit:
            form.focus = .submit
            return submit(form)
        case .cancel:
            cancel(form)
            return []
        default: break
        }
        forms[kind] = form
        return []
    }
}

extension Form {
    fileprivate var isInField: Bool {
        if case .field = focus { true } else { false }
    }

    mutating func touch(_ place: Int) {
        if fields.indices.contains(place), !fields[place].input.text.isEmpty {
            fields[place].isTouched = true
        }
    }
}
