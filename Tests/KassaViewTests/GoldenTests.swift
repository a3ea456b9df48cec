import KassaModel
import KassaView
import Testing

@Suite struct GoldenTests {
    static let sizes = [(200, 60), (120, 36), (80, 24), (40, 10)].map {
        Size(columns: $0.0, rows: $0.1)
    }

    static func name(_ size: Size) -> String { "\(size.columns)x\(size.rows)" }

    @Test(arguments: sizes, Settings.Glyphs.allCases)
    func `a busy shop looks as it did`(size: Size, glyphs: Settings.Glyphs) throws {
        var state = Fixture.busy(size: size, glyphs: glyphs)
        Fixture.press(&state, .down, .down, .down, .down, .down)
        for depth in [ColourDepth.indexed, .mono] {
            let frame = render(state, size: size, theme: Theme(.dark, depth: depth, glyphs: glyphs))
            let colours = depth == .mono ? "mono" : "256"
            try Golden.check(frame, "busy-\(Self.name(size))-\(glyphs.rawValue)-\(colours)")
        }
    }

    @Test(arguments: sizes)
    func `a lost gateway looks as it did`(size: Size) throws {
        var state = Fixture.busy(size: size)
        Fixture.press(&state, .down)
        state = Fixture.lost(state)
        try Golden.check(frame(state), "lost-\(Self.name(size))")
    }

    @Test(arguments: sizes)
    func `an order being placed looks as it did`(size: Size) throws {
        var state = Fixture.busy(size: size)
        Fixture.press(&state, .character("o"))
        Fixture.type(&state, "a")
        try Golden.check(frame(state), "form-\(Self.name(size))")
    }

    @Test(arguments: sizes)
    func `help, generated from the key map, looks as it did`(size: Size) throws {
        var state = Fixture.busy(size: size)
        Fixture.press(&state, .character("?"))
        try Golden.check(frame(state), "help-\(Self.name(size))")
    }

    @Test(arguments: Pane.allCases)
    func `each pane has its place on a small screen`(pane: Pane) throws {
        var state = Fixture.busy(size: Size(columns: 40, rows: 10))
        Fixture.press(&state, .down, .character(Character("\(pane.rawValue)")))
        try Golden.check(frame(state), "pane-\(pane)-40x10")
    }

    @Test func `a filter being typed looks as it did`() throws {
        var state = Fixture.busy(size: Size(columns: 80, rows: 24))
        Fixture.press(&state, .character("/"))
        Fixture.type(&state, "alice !paid")
        try Golden.check(frame(state), "filter-80x24")
    }

    @Test func `a command being completed looks as it did`() throws {
        var state = Fixture.busy(size: Size(columns: 80, rows: 24))
        Fixture.press(&state, .character(":"))
        Fixture.type(&state, "e")
        Fixture.press(&state, .tab)
        try Golden.check(frame(state), "command-80x24")
    }

    @Test(arguments: [
        (Settings.Theme.light, ColourDepth.indexed), (.dark, .sixteen), (.light, .sixteen),
        (.dark, .eight), (.light, .eight),
    ])
    func `the other palettes look as they did`(choice: Settings.Theme, depth: ColourDepth) throws {
        var state = Fixture.busy(size: Size(columns: 80, rows: 24))
        Fixture.press(&state, .down)
        let theme = Theme(choice, depth: depth, glyphs: .utf8)
        let frame = render(state, size: state.size, theme: theme)
        try Golden.check(frame, "palette-\(choice.rawValue)-\(depth.rawValue)")
    }

    @Test func `where the encoding has ASCII alone, names show as escapes`() throws {
        let state = Fixture.busy(size: Size(columns: 80, rows: 24))
        let theme = Theme(.dark, depth: .indexed, glyphs: .utf8, isUTF8: false)
        try Golden.check(render(state, size: state.size, theme: theme), "locale-c-80x24")
    }

    @Test func `a screen held by the operator looks as it did`() throws {
        var state = Fixture.busy(size: Size(columns: 120, rows: 36), isReadOnly: true)
        Fixture.press(&state, .character("p"))
        try Golden.check(frame(state), "paused-120x36")
    }

    @Test func `a timeline too long for its pane looks as it did, scrolled`() throws {
        var state = Fixture.busy(size: Size(columns: 40, rows: 10))
        Fixture.press(&state, .down, .down, .down, .down, .character("3"))
        Fixture.layOut(&state, state.size)
        Fixture.press(&state, .down)
        try Golden.check(frame(state), "scrolled-40x10")
    }

    @Test func `an order doubtful in two ways, offline, looks as it did`() throws {
        var state = Fixture.busy(size: Size(columns: 80, rows: 24))
        Fixture.press(&state, .character("o"))
        Fixture.type(&state, "grace")
        Fixture.press(&state, .tab)
        Fixture.type(&state, "9999")
        Fixture.press(&state, .tab)
        state = Fixture.lost(state)
        try Golden.check(frame(state), "form-offline-80x24")
    }

    @Test func `before the first answer the screen says so`() throws {
        let state = Fixture.state(size: Size(columns: 80, rows: 24), isReadOnly: true)
        try Golden.check(frame(state), "start-80x24")
    }

    private func frame(_ state: State) -> Frame {
        render(
            state, size: state.size,
            theme: Theme(.dark, depth: .indexed, glyphs: state.settings.glyphs))
    }
}
