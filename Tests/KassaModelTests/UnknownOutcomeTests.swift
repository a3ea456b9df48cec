import KassaModel
import Testing

struct UnknownOutcomeTests {
    @Test(arguments: [
        Failure.timedOut, .broken("reset"), .nonsense("html"),
        .server(status: 503, detail: "later"), .server(status: 500, detail: "oops"),
    ])
    func `an unknown outcome keeps the key for the same contents`(failure: Failure) throws {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        it.fail(.submit(first), failure)
        #expect(try it.form().isUnknown)
        #expect(it.lastLine.contains("UNKNOWN"))
        it.press(.enter)
        #expect(it.submissions == [first])
        it.answer(.submit(first), .placed(it.order("new", at: 1_000)))
        #expect(it.shown == ["new"])
        #expect(try !it.form().isUnknown)
    }

    @Test func `other contents after an unknown outcome need a second press and another key`()
        throws
    {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        it.fail(.submit(first), .timedOut)
        it.press(.backTab)
        it.type("!")
        it.press(.tab, .enter)
        #expect(it.submissions.isEmpty)
        #expect(try it.form().notice?.contains("may have been carried out") == true)
        it.press(.enter)
        let second = try #require(it.submissions.first)
        #expect(second.key != first.key)
        #expect(second.content != first.content)
        #expect(it.state.unresolved.map(\.submission) == [first])
        it.answer(.submit(first), .placed(it.order("late", at: 1_000)))
        #expect(it.state.unresolved.isEmpty)
        #expect(try it.form().isSending, "the second is still awaited")
    }

    @Test func `a try that never left after one that did leaves the outcome unknown`() throws {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        it.fail(.submit(first), .timedOut)
        it.press(.enter)
        it.fail(.submit(first), .unreachable("refused"))
        #expect(try it.form().isUnknown)
        it.press(.enter)
        #expect(it.submissions == [first])
    }

    @Test func `a submit that never left is no mystery`() throws {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        it.fail(.submit(first), .unreachable("connection refused"))
        #expect(try !it.form().isUnknown)
        #expect(try it.form().notice == "connection refused")
        it.press(.enter)
        #expect(it.submissions == [first])
    }

    @Test func `a success is believed even after word that the request never left`() throws {
        var it = Operator.filled()
        it.press(.enter)
        let first = try #require(it.submissions.first)
        it.fail(.submit(first), .unreachable("reset"))
        it.answer(.submit(first), .placed(it.order("new", at: 1_000)))
        #expect(it.state.overlay == nil)
        #expect(try it.form().key != first.key)
    }

    @Test func `an App that never answers leaves the outcome unknown`() throws {
        var it = Operator.filled()
        it.press(.enter)
        it.wait(60_001)
        it.wait(1)
        #expect(try it.form().isUnknown)
    }
}
