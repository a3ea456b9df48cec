import KassaModel
import Testing

struct FormTests {
    @Test func `an order is placed by keys alone, once, and told when it is settled`() throws {
        var it = Operator.filled()
        #expect(try it.form().focus == .submit)
        it.press(.enter)
        let submission = try #require(it.submissions.first)
        #expect(it.submissions.count == 1)
        #expect(
            submission.content
                == .placeOrder(user: "alice", amount: Cents(1_250), description: "tea"))
        it.press(.enter, .enter)
        #expect(it.submissions.isEmpty)
        it.answer(.submit(submission), .placed(it.order("new", at: 1_000)))
        #expect(it.state.overlay == nil)
        #expect(it.shown == ["new"])
        it.change([it.order("new", at: 1_000, .paid, settledAfter: 18)])
        #expect(it.lastLine == "order new PAID after 18 ms")
        it.press(.character("w"))
        #expect(it.state.orders.selected == RowID("new"))
        #expect(try it.form().key != submission.key)
        #expect(try it.form().text(.user) == "alice")
        #expect(try it.form().text(.amount).isEmpty)
    }

    @Test func `an end that overtakes the answer to its beginning is told all the same`() throws {
        var it = Operator.filled()
        it.press(.enter)
        let submission = try #require(it.submissions.first)
        it.change([it.order("new", at: 1_000, .failed, settledAfter: 2, reason: "no_funds")])
        it.answer(.submit(submission), .placed(it.order("new", at: 1_000)))
        #expect(it.lastLine == "order new FAILED after 2 ms: no funds")
    }

    @Test func `Enter in a field goes on and does not submit`() throws {
        var it = Operator.filled()
        it.press(.backTab, .enter)
        #expect(it.submissions.isEmpty)
        #expect(try it.form().focus == .submit)
    }

    @Test func `a refusal stands at its field, and the next try has its own key`() throws {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        let refusal = Failure.refused(
            status: 422, detail: "invalid",
            fields: [
                FieldRefusal(field: "amount", message: "Input should be greater than 0"),
                FieldRefusal(field: "else", message: "something odd"),
            ])
        it.fail(.submit(first), refusal)
        let refused = try it.form()
        #expect(refused.fields[1].message == "Input should be greater than 0")
        #expect(refused.notice == "something odd")
        #expect(refused.focus == .field(1))
        it.press(.backspace)
        #expect(try it.form().fields[1].message == nil)
        it.press(.tab, .tab, .enter)
        #expect(it.submissions.first?.key != first.key)
    }

    @Test func `no such account, account exists and too much money stand at their fields`() throws {
        var it = Operator.live()
        it.command("deposit nobody 5")
        it.press(.enter)
        var sent = try #require(it.submissions.first)
        it.fail(.submit(sent), .refused(status: 404, detail: "Account 'nobody' not found"))
        #expect(try it.form(.deposit).fields[0].message == "Account 'nobody' not found")
        it.press(.tab, .tab, .enter)
        sent = try #require(it.submissions.first)
        it.fail(.submit(sent), .refused(status: 422, detail: "too much"))
        #expect(try it.form(.deposit).fields[1].message == "too much")
        it.press(.escape)
        it.command("account bob")
        it.press(.enter)
        sent = try #require(it.submissions.first)
        #expect(sent.content == .openAccount(user: "bob"))
        it.fail(.submit(sent), .refused(status: 409, detail: "exists"))
        #expect(try it.form(.openAccount).fields[0].message == "exists")
    }

    @Test func `Esc keeps the draft, Cancel does not`() throws {
        var it = Operator.filled()
        it.press(.escape)
        #expect(it.state.overlay == nil)
        it.press(.character("o"))
        #expect(try it.form().text(.description) == "tea")
        #expect(try it.form().focus == .submit)
        it.press(.tab, .enter)
        #expect(it.state.overlay == nil)
        it.press(.character("o"))
        #expect(try it.form().text(.description).isEmpty)
    }

    @Test func `Cancel forgets a draft, but not that its outcome is unknown`() throws {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        it.fail(.submit(first), .timedOut)
        it.press(.tab, .enter)
        #expect(it.state.overlay == nil)
        #expect(it.state.unresolved.map(\.submission) == [first])
        it.answer(.submit(first), .placed(it.order("late", at: 1_000)))
        #expect(it.state.unresolved.isEmpty)
        #expect(it.shown == ["late"])
    }

    @Test func `what is missing is said, and the cursor goes there`() throws {
        var it = Operator.filled("0")
        it.press(.enter)
        #expect(it.submissions.isEmpty)
        #expect(try it.form().focus == .field(1))
        #expect(try it.form().fields[1].message == "at least 0.01")
    }

    @Test func `an untouched field is not scolded`() throws {
        var it = Operator.live()
        it.press(.character("a"))
        #expect(try it.form(.openAccount).fields[0].message == nil)
        it.type("x")
        it.press(.backspace)
        #expect(try it.form(.openAccount).fields[0].message == "a user id is needed")
    }

    @Test func `a paste into a field is text, whatever it says`() throws {
        var it = Operator.filled()
        it.press(.backTab)
        it.send(.paste("\u{1B}[A\rq\n:quit\r"))
        #expect(it.submissions.isEmpty && it.effects.isEmpty)
        #expect(try it.form().text(.description) == "tea[A q :quit ")
        it.press(.escape)
        it.send(.paste("q"))
        #expect(it.effects.isEmpty)
    }

    @Test func `accounts complete what is typed, and the balance stands beside`() throws {
        var it = Operator.live(accounts: Operator.knownAccounts)
        it.press(.character("o"))
        it.type("ali")
        #expect(try it.form().suggestions.map(\.user) == ["alice", "alina"])
        it.press(.down, .down, .enter)
        #expect(try it.form().text(.user) == "alina")
        #expect(try it.form().focus == .field(1))
        #expect(it.state.account(of: try it.form())?.balance == Cents(10))
        it.type("1")
        #expect(it.state.warning(of: try it.form()) == "more than the balance")
    }

    @Test func `a form begins with the account in view`() throws {
        var it = Operator.live(orders: [Operator().order("a", user: "carol")])
        it.press(.character("j"), .character("o"))
        #expect(try it.form().text(.user) == "carol")
        #expect(try it.form().focus == .field(1))
    }

    @Test func `nothing is submitted while the gateway is gone; the draft is kept`() throws {
        var it = Operator.filled()
        it.wait(1_000)
        it.fail(.changes(after: "c1", limit: 1_000), .unreachable("refused"))
        it.press(.enter)
        #expect(it.submissions.isEmpty)
        #expect(try it.form().notice == "offline: the draft is kept")
        it.wait(1_000)
        it.change([])
        it.press(.enter)
        #expect(it.submissions.count == 1)
    }

    @Test func `a read-only screen opens no form, by key or by command`() {
        var it = Operator.live(isReadOnly: true)
        it.press(.character("o"), .character("a"), .character("d"))
        it.command("order alice 5")
        #expect(it.state.forms.isEmpty)
        it.press(.escape)
        var late = Operator.filled()
        late.press(.escape)
        late.command("readonly")
        late.press(.character("o"))
        #expect(late.state.overlay == nil)
    }

    @Test func `a press on Submit submits; two presses submit once`() {
        var it = Operator.filled()
        it.send(.mouse(Mouse(action: .press, target: .submit)))
        #expect(it.submissions.count == 1)
        it.send(.mouse(Mouse(action: .doublePress, target: .submit)))
        #expect(it.submissions.isEmpty)
    }

    @Test func `a deposit is done and its balance is shown`() throws {
        var it = Operator.live(accounts: Operator.knownAccounts)
        it.command("deposit bob 5")
        it.press(.enter)
        let sent = try #require(it.submissions.first)
        it.answer(.submit(sent), .account(AccountRow(user: "bob", balance: Cents(501))))
        #expect(it.state.accounts.row(RowID("bob"))?.balance == Cents(501))
        #expect(it.lastLine == "deposit of 5.00 to bob: done, balance 5.01")
    }
}
