import Glibc
import KassaClient
import KassaModel
import KassaTerminal
import KassaView

/// The dashboard on the main thread: takes events, has the model decide, carries out what it wants,
/// and draws at most thirty times a second. Nothing here waits for the network.
@MainActor final class DashboardLoop {
    private var state: State
    private let terminal: TerminalBackend
    private let mailbox: Mailbox
    private let asker: Asker
    private let file: ViewFile
    private var exitCode: Int32?
    private var isDrawn = false
    /// When the next frame is wanted: at once, but for mere passing of time.
    private var drawBy: Instant = 0
    private var drawnAt: Instant = 0
    private var laidOut = Extents()

    /// Milliseconds between two frames.
    private static let frameLength: Int64 = 33
    /// Milliseconds that a tick's frame may wait for the answer to what the tick asked: at rest
    /// that makes one frame of two.
    private static let tickPatience: Int64 = 100

    init(state: State, terminal: TerminalBackend, client: GatewayClient, file: ViewFile) {
        self.state = state
        self.terminal = terminal
        self.file = file
        mailbox = Mailbox(waker: terminal.waker)
        asker = Asker(client: client)
    }

    /// Runs until the operator or a signal ends it; the exit code.
    func run() -> Int32 {
        apply(.resize(terminal.size))
        apply(.tick(.current))
        while true {
            if let exitCode {
                file.save(state.savedView)
                return exitCode
            }
            draw()
            let events = terminal.events(upTo: patience)
            // Keys bring no time of their own.
            if !events.isEmpty || Moment.current.now >= state.nextDeadline {
                apply(.tick(.current))
            }
            for event in events { take(event) }
            for event in mailbox.take() { apply(event) }
        }
    }

    /// Milliseconds until something is due by itself.
    private var patience: Int {
        let now = Moment.current.now
        var patience = state.nextDeadline.subtractingReportingOverflow(now).partialValue
        if !isDrawn { patience = min(patience, max(drawBy, drawnAt + Self.frameLength) - now) }
        return Int(min(max(0, patience), 60_000))
    }

    private func take(_ event: TerminalEvent) {
        switch event {
        case .input(let event): apply(event)
        case .woken: break
        case .resumed: apply(.resumed(.current))
        case .terminate(let signal): exitCode = 128 + signal
        case .lost: exitCode = 128 + SIGHUP
        }
    }

    private func apply(_ event: Event) {
        if case .tick = event {
            if isDrawn { drawBy = drawnAt == 0 ? 0 : Moment.current.now + Self.tickPatience }
        } else {
            drawBy = 0
        }
        isDrawn = false
        for effect in update(&state, event) { carryOut(effect) }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .send(let request):
            // Off the main actor, whose thread waits for the terminal.
            Task { @concurrent [asker, mailbox] in mailbox.post(await asker.ask(request)) }
        case .copy(let text): if !terminal.copy(text) { terminal.ring() }
        case .export(let path, let text):
            mailbox.post(.exported(path: path, error: export(text, to: path)))
        case .bell: terminal.ring()
        case .setMouse(let isOn): terminal.setMouse(isOn)
        case .redraw: terminal.redraw()
        case .suspend:
            terminal.suspend()
            mailbox.post(.resumed(.current))
        case .save: file.save(state.savedView)
        case .quit(let code): exitCode = code
        }
    }

    private func export(_ text: String, to path: String) -> String? {
        do {
            try TextFile.create(Folders.expanded(path), text)
            return nil
        } catch {
            return error.reason
        }
    }

    private func draw() {
        let now = Moment.current.now
        guard !isDrawn, now >= drawBy, now - drawnAt >= Self.frameLength else { return }
        var frame = picture()
        if frame.extents != laidOut {
            laidOut = frame.extents
            apply(.laidOut(laidOut))
            frame = picture()
        }
        terminal.draw(frame)
        drawnAt = now
        isDrawn = true
    }

    private func picture() -> Frame {
        let theme = Theme(
            state.settings.theme, depth: terminal.depth, glyphs: state.settings.glyphs,
            isUTF8: state.settings.isUTF8)
        return render(state, size: state.size, theme: theme)
    }
}
