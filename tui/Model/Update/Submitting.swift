extension State {
    /// One press, at most one submission.
    ///
    /// The same contents after an unknown outcome go out under the same key, so that the server
    /// does them once. Other contents get a key of their own, after a second press.
    mutating func submit(_ form: Form) -> [Effect] {
        var form = form
        defer { forms[form.kind] = form }
        for place in form.fields.indices { form.fields[place].isTouched = true }
        if let obstacle = obstacle(to: form) {
            if !form.isUnknown { form.notice = obstacle }
            if !form.isSending, form.content == nil,
                let wrong = form.fields.firstIndex(where: { $0.complaint != nil })
            {
                form.focus = .field(wrong)
            }
            return [.bell]
        }
        guard let content = form.content else { return [] }
        if let sent = form.sent, sent != content {
            if form.isUnknown {
                guard form.isSure else {
                    form.isSure = true
                    form.notice =
                        "the first may have been carried out: Submit again to send this too"
                    return [.bell]
                }
                shelve(Submission(key: form.key, content: sent))
            }
            form.key = makeKey()
            form.wasUnknown = false
        }
        form.isSure = false
        form.sent = content
        form.phase = .sending(since: moment.now)
        form.notice = nil
        for place in form.fields.indices { form.fields[place].refusal = nil }
        return [.send(.submit(Submission(key: form.key, content: content)))]
    }

    /// Closes the form and clears its draft; what is under way or unknown is not forgotten.
    mutating func cancel(_ form: Form) {
        overlay = nil
        if form.isSending { return }
        if form.isUnknown, let sent = form.sent {
            shelve(Submission(key: form.key, content: sent))
        }
        forms[form.kind] = nil
    }

    /// Keeps a submission in sight whose form moves on before its outcome is known.
    private mutating func shelve(_ submission: Submission) {
        unresolved.append(Unresolved(submission: submission, wall: moment.wall))
        if unresolved.count > Unresolved.limit { unresolved.removeFirst() }
    }

    // MARK: Answers.

    mutating func carriedOut(_ submission: Submission, _ response: Response) -> [Effect] {
        switch (submission.content, response) {
        case (.placeOrder, .placed(let row)):
            guard isExpected(submission) else { return late(row) }
            watched.append(row.rowID)
            if watched.count > 64 { watched.removeFirst() }
            lastPlaced = row.rowID
            note(.info, "order \(row.shortID) placed: \(row.user) \(row.amount)")
            late(row)
            // The stream may have told of its end before the answer told of its beginning.
            if let known = orders.row(row.rowID), known.status.isSettled { tell([known]) }
        case (.openAccount, .account(let row)), (.deposit, .account(let row)):
            var row = row
            row.rank = Int64(accountsToAsk.lists) << 20
            learn([row])
            guard isExpected(submission) else { return [] }
            note(.success, submission.content.text + ": done, balance \(row.balance)")
        default:
            return notCarriedOut(submission, .nonsense("it answers another question"))
        }
        finish(submission)
        return []
    }

    @discardableResult
    private mutating func late(_ row: OrderRow) -> [Effect] {
        merge([row], isLive: orderFeed.isPrimed)
        return []
    }

    /// Whether someone still waits for this outcome: answers may come late, twice, or unasked.
    private func isExpected(_ submission: Submission) -> Bool {
        if unresolved.contains(where: { $0.submission == submission }) { return true }
        return form(of: submission) != nil
    }

    /// The form whose last submission it was. A success is believed even after word that the
    /// request never left.
    private func form(of submission: Submission) -> Form? {
        forms.values.first { $0.key == submission.key && $0.sent == submission.content }
    }

    /// The outcome is known and good: the form begins anew, with the account it had.
    private mutating func finish(_ submission: Submission) {
        unresolved.removeAll { $0.submission == submission }
        guard let done = form(of: submission) else { return }
        if overlay == .form(done.kind), done.isAsSent { overlay = nil }
        var next = Form(done.kind, key: makeKey())
        if done.kind != .openAccount, done.isAsSent {
            next.fields[0].input = done.fields[0].input
            next.check(0)
            next.focus = .field(1)
        } else if !done.isAsSent {
            // The draft was changed while the answer was unknown: it is another one now.
            next.fields = done.fields
        }
        forms[done.kind] = next
    }

    mutating func notCarriedOut(_ submission: Submission, _ failure: Failure) -> [Effect] {
        guard let form = form(of: submission), form.isSending || form.isUnknown else {
            if case .refused = failure {
                unresolved.removeAll { $0.submission == submission }
            }
            return []
        }
        if failure.leavesOutcomeUnknown {
            becomeUnknown(form.kind, failure)
        } else {
            refused(form.kind, failure)
        }
        return [.bell]
    }

    mutating func becomeUnknown(_ kind: FormKind, _ failure: Failure) {
        guard var form = forms[kind], let sent = form.sent else { return }
        if case .unknown = form.phase { return }
        form.phase = .unknown(since: moment.now)
        form.wasUnknown = true
        form.notice = Self.again(failure)
        form.focus = .submit
        forms[kind] = form
        note(.error, "\(sent.text): UNKNOWN, \(failure.text)")
    }

    private static func again(_ failure: Failure) -> String {
        "\(failure.text). Submit again sends the same key: it happens once at most"
    }

    private mutating func refused(_ kind: FormKind, _ failure: Failure) {
        guard var form = forms[kind], let sent = form.sent else { return }
        if form.wasUnknown, case .unreachable = failure {
            // A try that never left says nothing about the one before it.
            form.phase = .unknown(since: moment.now)
            form.notice = Self.again(failure)
            forms[kind] = form
            return
        }
        form.phase = .editing
        form.wasUnknown = false
        form.notice = nil
        // A refusal is an answer: what is sent after it is another request.
        if case .refused = failure {
            form.key = makeKey()
            form.sent = nil
        }
        for (name, message) in objections(failure, kind) {
            if let place = form.fields.firstIndex(where: { $0.name == name }) {
                form.fields[place].refusal = message
                form.fields[place].isTouched = true
            } else {
                form.notice = message
            }
        }
        if let wrong = form.fields.firstIndex(where: { $0.refusal != nil }) {
            form.focus = .field(wrong)
        }
        forms[kind] = form
        note(.error, "\(sent.text): \(failure.text)")
    }

    /// Which field a refusal concerns; nil for the form as a whole.
    private func objections(
        _ failure: Failure, _ kind: FormKind
    ) -> [(FormField.Name?, String)] {
        guard case .refused(let status, let detail, let fields) = failure else {
            return [(nil, failure.text)]
        }
        if !fields.isEmpty {
            return fields.prefix(8).map { (FormField.Name(rawValue: $0.field), $0.message) }
        }
        switch (status, kind) {
        case (404, .deposit), (409, .openAccount): return [(.user, detail)]
        case (422, .deposit): return [(.amount, detail)]
        default: return [(nil, detail)]
        }
    }
}

extension Submission.Content {
    /// What is asked for, in a few words.
    package var text: String {
        switch self {
        case .openAccount(let user): "account \(user)"
        case .deposit(let user, let amount): "deposit of \(amount) to \(user)"
        case .placeOrder(let user, let amount, _): "order of \(amount) for \(user)"
        }
    }
}
