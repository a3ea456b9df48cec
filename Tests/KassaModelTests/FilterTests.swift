import KassaModel
import Testing

struct FilterTests {
    private static let order = OrderRow(
        id: "01a2033e-9796", user: "Alice", amount: Cents(4_250), description: "green tea: 2",
        status: .failed, createdAt: 0, updatedAt: 0, failureReason: "insufficient_funds")

    @Test(arguments: [
        ("", true), ("alice", true), ("ALI", true), ("bob", false), ("!bob", true),
        ("!alice", false), ("failed", true), ("status:paid", false), ("s:fail", true),
        ("user:alice failed", true), ("user:alice paid", false), ("id:01A2", true),
        ("id:alice", false), ("amount:>42", true), (">42.50", false), (">=42.50", true),
        ("<100", true), ("amount:=42.5", true), ("42.50", true), ("\"green tea\"", true),
        ("\"tea green\"", false), ("tea:", true), ("funds", true), ("reason:funds", true),
        ("!status:failed", false), ("user:", true), ("!", false), ("amount:>x", false),
        ("t:tea u:ali", true), ("\"", true), ("世", false),
    ])
    func `words are looked for where they say`(text: String, isShown: Bool) {
        #expect(Self.order.matches(Filter(text)) == isShown)
    }

    @Test func `letter case is passed over beyond ASCII too`() {
        let account = AccountRow(user: "Łęcka", balance: Cents(5))
        #expect(account.matches(Filter("łęC")))
        #expect(account.matches(Filter("balance:<1")))
        #expect(!account.matches(Filter("status:paid")))
    }

    @Test func `a filter applies as it is typed, to the pane in focus, and Esc clears it`() {
        var it = Operator.live(
            orders: [Operator().order("a", user: "alice"), Operator().order("b", user: "bob")],
            accounts: [AccountRow(user: "alice", balance: .zero)])
        it.press(.character("/"))
        it.type("bo")
        #expect(it.shown == ["b"])
        #expect(it.state.accounts.count == 1)
        it.press(.enter)
        #expect(it.shown == ["b"])
        #expect(it.effects.contains(.save))
        it.press(.escape)
        #expect(it.shown.count == 2)
        it.command("accounts zzz")
        #expect(it.state.accounts.count == 0)
        #expect(it.shown.count == 2)
    }

    @Test func `rows that come or change go through the filter`() {
        var it = Operator.live(orders: [Operator().order("a")])
        it.command("filter pending")
        it.wait(3_000)
        #expect(it.shown == ["a"])
        it.change([it.order("a", .paid, settledAfter: 1), it.order("b", at: 5)])
        #expect(it.shown == ["b"])
    }
}
