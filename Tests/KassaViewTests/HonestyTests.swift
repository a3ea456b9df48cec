import KassaModel
import KassaView
import Testing

/// The screen never says what nobody knows.
@Suite struct HonestyTests {
    private func text(_ state: State, _ size: Size? = nil) -> String {
        render(
            state, size: size ?? state.size,
            theme: Theme(
                .dark, depth: .indexed, glyphs: state.settings.glyphs,
                isUTF8: state.settings.isUTF8)
        ).text
    }

    private func header(_ state: State) -> String {
        String(text(state).split(separator: "\n").first ?? "")
    }

    @Test func `while the gateway is lost no service is ticked, and no rate is told`() {
        let live = Fixture.busy()
        #expect(header(live).contains("✓gateway ✓orders ✓payments"))
        #expect(text(live).contains("orders/s 3.9"))
        let lost = Fixture.lost(live)
        #expect(!text(lost).contains("✓gateway"))
        #expect(header(lost).contains("?gateway ?orders ?payments"))
        #expect(text(lost).contains("orders/s -"))
        #expect(!text(lost).contains("s!"), "a wait that nobody can see does not grow")
    }

    @Test func `a health check older than the trouble says nothing of the present`() {
        var state = Fixture.busy()
        let failure = Failure.server(status: 503, detail: "away")
        let later = Moment(now: state.moment.now + 1_000, wall: state.moment.wall + 1_000)
        for effect in update(&state, .tick(later)) {
            guard case .send(.changes(let after, let limit)) = effect else { continue }
            let asked = update(
                &state, .failed(.changes(after: after, limit: limit), failure, later))
            #expect(asked.contains(.send(.health)), "which service it is, is asked at once")
        }
        #expect(header(state).contains("?gateway"))
        let services = [
            ServiceHealth(name: "gateway", isUp: true), ServiceHealth(name: "orders", isUp: false),
        ]
        let answered = Moment(now: later.now + 5, wall: later.wall + 5)
        _ = update(&state, .responded(.health, .health(services), Cost(), answered))
        #expect(header(state).contains("✗ orders DOWN"))
    }

    @Test func `a held screen is not live`() {
        var state = Fixture.busy()
        Fixture.press(&state, .character("p"))
        #expect(header(state).contains("PAUSED"))
        #expect(!header(state).contains("LIVE") && !header(state).contains("✓"))
    }

    @Test(arguments: [false, true])
    func `in 120 columns the gateway is always named`(isLost: Bool) {
        var state = Fixture.state(isReadOnly: true)
        state.settings.gateway = "http://127.0.0.1:8000"
        for second in 0...3 { Fixture.run(&state, .tick(Fixture.moment(Int64(second) * 1_000))) }
        if isLost { state = Fixture.lost(state) }
        #expect(header(state).contains("KASSA  127.0.0.1:8000"))
        #expect(header(state).contains("READ-ONLY"))
    }

    @Test(arguments: [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24)])
    func `a table that was never filled is not called empty`(size: Size) {
        var state = Fixture.state(size: size)
        let cursor = Response.changes([], next: "c", hasMore: false)
        let request = Request.changes(after: nil, limit: 1)
        _ = update(&state, .tick(state.moment))
        _ = update(&state, .responded(request, cursor, Cost(), state.moment))
        #expect(text(state).contains("waiting for the gateway"))
        _ = update(&state, .failed(.orders(limit: 1_000), .timedOut, state.moment))
        #expect(text(state).contains("no data: no answer in time"))
        _ = update(&state, .responded(.orders(limit: 1_000), .orders([]), Cost(), state.moment))
        #expect(text(state).contains("no orders yet"))
    }

    @Test func `on the smallest screen, too, it is said what is wrong`() {
        let size = Size(columns: 40, rows: 10)
        let state = Fixture.lost(Fixture.busy(size: size))
        #expect(text(state).contains("connection refused"))
    }

    @Test func `an order of another day shows its date`() {
        var state = Fixture.state()
        let now = Fixture.wall * 1_000
        let days = [0, 1, 400].map { days in
            Fixture.order(500 + days, .paid, at: now - Int64(days) * 86_400_000_000)
        }
        let answer = Response.orders(days)
        _ = update(&state, .responded(.orders(limit: 1_000), answer, Cost(), state.moment))
        for time in ["14:03:22", "11-21", "2025-10-"] { #expect(text(state).contains(time)) }
        let wide = text(state, Size(columns: 200, rows: 60))
        #expect(wide.contains("2025-10-18"))
    }

    @Test func `without UTF-8 no two names look the same; ASCII glyphs leave letters alone`() {
        var state = Fixture.busy(glyphs: .ascii)
        #expect(text(state).contains("Zoë Łęcka") && text(state).contains("世蓮"))
        #expect(!text(state).contains("✓") && !text(state).contains("─"))
        state.settings.isUTF8 = false
        #expect(text(state).contains(#"Zo\xeb \u0141"#) && text(state).contains(#"\u4e16"#))
        #expect(text(state).utf8.allSatisfy { $0 < 0x7F })
    }
}
