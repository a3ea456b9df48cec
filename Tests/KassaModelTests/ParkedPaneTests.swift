import KassaModel
import Testing

@Suite struct ParkedPaneTests {
    private func row(_ number: Int) -> ParkedRow {
        ParkedRow(id: "payments/\(number)", queue: "q", reason: "poison", parkedAt: 0)
    }

    private func books(_ standing: Books.Standing, _ parked: Int...) -> Books {
        Books(standing: standing, wrong: standing == .wrong ? 3 : 0, parked: parked.map(row))
    }

    @Test func `the selection goes by the message's id`() {
        var it = Operator.live()
        it.answer(.books, .books(books(.balanced, 5, 4, 3)))
        it.press(.character("6"), .character("j"))
        #expect(it.state.focus == .parked && it.state.parkedIndex == 1)
        it.answer(.books, .books(books(.balanced, 7, 6, 5, 4, 3)))
        #expect(it.state.parkedIndex == 3)
        #expect(it.press(.character("y")).contains(.copy("payments/4")))
        it.press(.character("G"), .character("j"))
        #expect(it.state.parkedIndex == 4)
        it.answer(.books, .books(books(.balanced)))
        #expect(it.state.parkedIndex == nil)
        it.press(.character("j"))
    }

    @Test func `what is parked and what is wrong is news, once`() {
        var it = Operator.live()
        it.answer(.books, .books(books(.balanced, 1)))
        #expect(it.lastLine == "payments/1 parked: poison")
        it.answer(.books, .books(books(.wrong, 1)))
        #expect(it.lastLine == "the books are WRONG (3): kassa audit names what")
        let lines = it.state.log.lines.count
        it.answer(.books, .books(books(.wrong, 1)))
        #expect(it.state.log.lines.count == lines)
        it.answer(.books, .books(books(.balanced, 1)))
        #expect(it.lastLine == "the books balance again")
    }

    @Test func `a gateway that does not audit is no trouble, and is asked again seldom`() {
        var it = Operator()
        it.fail(.books, .refused(status: 404, detail: "Not Found"))
        #expect(it.state.books == nil && it.state.log.errors == 0)
        it.wait(30_000)
        #expect(!it.requests.contains(.books))
    }
}
