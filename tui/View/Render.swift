package import KassaModel

/// The screen of a state: pure, so that every frame can be compared with one that was checked.
package func render(_ state: State, size: Size, theme: Theme) -> Frame {
    var screen = Screen(state: state, size: size, theme: theme)
    screen.draw()
    return screen.frame
}

/// A frame being drawn, with what the drawing asks of.
struct Screen {
    let state: State
    let theme: Theme
    let layout: Layout
    var frame: Frame

    init(state: State, size: Size, theme: Theme) {
        self.state = state
        self.theme = theme
        frame = Frame(size: size, ascii: theme.isASCII)
        layout = Layout(frame.size, focus: state.focus)
    }

    var glyphs: Glyphs { theme.glyphs }
    var now: Instant { state.moment.now }

    mutating func draw() {
        drawHeader()
        for (pane, rect) in layout.panes {
            frame.mark(rect, as: .pane(pane))
            draw(pane, in: rect)
        }
        guard layout.extent != .line else { return }
        if layout.extent != .single || !isTyping { drawHints() }
        drawMessage()
        drawOverlay()
    }

    private mutating func draw(_ pane: Pane, in rect: Rect) {
        switch pane {
        case .accounts: drawAccounts(rect)
        case .orders: drawOrders(rect)
        case .detail: drawDetail(rect)
        case .rates: drawRates(rect)
        case .log: drawLog(rect)
        case .parked: drawParked(rect)
        }
    }

    private mutating func drawOverlay() {
        switch state.overlay {
        case .help(let top): drawHelp(top: top)
        case .raw(let top): drawRaw(top: top)
        case .form(let kind):
            if let form = state.forms[kind] { drawForm(form) }
        case .filter, .command, nil: break
        }
    }

    /// Whether a line is being typed at the bottom.
    var isTyping: Bool { state.overlay == .filter || state.overlay == .command }
}
