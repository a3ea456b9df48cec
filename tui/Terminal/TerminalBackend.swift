internal import CNCurses
internal import Glibc
package import KassaModel
package import KassaView

/// The terminal: draws frames, hands out what is typed, and leaves everything as it was.
///
/// Curses lives on the process's main thread, so this is no `Sendable`: only ``waker`` may travel.
package final class TerminalBackend {
    /// What is known before the terminal is opened.
    package struct Options: Sendable {
        /// Whether the terminal is asked for mouse reports.
        package var hasMouse = true
        /// `NO_COLOR`, or the operator's own wish.
        package var isColourRefused = false
        /// Where standard error goes while the screen is up; by default nowhere.
        package var errorLog = "/dev/null"

        /// The usual ones.
        package init() {}
    }

    /// Ends ``events(upTo:)`` from any thread.
    package let waker: TerminalWaker
    /// How many colours the theme may use.
    package let depth: ColourDepth
    /// Whether anything but ASCII can be shown; where not, the theme must draw in ASCII.
    package let isUTF8: Bool
    /// Columns and rows, as of the last event that brought them.
    package internal(set) var size: Size

    /// What signals write to, so that they are not taken for somebody's ``waker``.
    let alarm: TerminalWaker
    private let type: TerminalType
    private let screen: OpaquePointer
    var painter: Painter
    var reader: InputReader
    private var hasMouse: Bool
    private var savedErrors: Int32 = -1
    private let errorLog: String
    var frame: Frame?
    var emptyReads = 0
    var held: Signals = []
    var isOpen = true

    /// Opens the terminal that standard input and output are; on the main thread only.
    ///
    /// - Throws: what to do instead, in one line; the terminal is then untouched.
    package static func open(_ options: Options = Options()) throws(TerminalError)
        -> TerminalBackend
    {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
        guard cn_is_main_thread() == 1 else { throw .unavailable("not on the main thread") }
        let type = try TerminalType.find(environment("TERM"))
        let isUTF8 = Encoding.adopt(environment: environment)
        guard let waker = TerminalWaker(), let alarm = TerminalWaker() else {
            throw .unavailable("no event descriptor")
        }
        cn_take_signals(alarm.descriptor)
        let reset = Array(type.reset.utf8CString)
        let saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        guard cn_guard_crash(STDOUT_FILENO, reset, Int32(reset.count - 1), saved) == 0,
            let screen = cn_new_terminal(type.name)
        else {
            cn_end_guard()
            cn_give_signals_back()
            if saved >= 0 { Glibc.close(saved) }
            throw .unavailable("curses does not start on '\(type.name)'")
        }
        return TerminalBackend(
            type: type, screen: screen, wakers: (waker, alarm), isUTF8: isUTF8, errors: saved,
            options: options)
    }

    private init(
        type: TerminalType, screen: OpaquePointer, wakers: (TerminalWaker, TerminalWaker),
        isUTF8: Bool,
        errors: Int32, options: Options
    ) {
        self.type = type
        self.screen = screen
        (waker, alarm) = wakers
        self.isUTF8 = isUTF8
        hasMouse = options.hasMouse
        errorLog = options.errorLog
        savedErrors = errors
        let hasColour = !options.isColourRefused && has_colors() && start_color() == OK
        let hasOwnColours = hasColour && use_default_colors() == OK
        depth = ColourDepth(colours: hasColour ? Int(cn_colours()) : 0)
        painter = Painter(isUTF8: isUTF8, hasColour: hasColour, hasOwnColours: hasOwnColours)
        reader = InputReader(isUTF8: isUTF8)
        size = Size(columns: 80, rows: 24)
        Self.configure()
        takeSize()
        silenceErrors()
        setModes()
    }

    private static func configure() {
        raw()
        noecho()
        nonl()
        let window = cn_screen()
        keypad(window, true)
        nodelay(window, true)
        intrflush(window, false)
        // A table that moves down a row may be sent as that, where the terminal can scroll.
        idlok(window, true)
        if environment("ESCDELAY") == nil { set_escdelay(25) }
        InputReader.defineKeys()
    }

    /// Gives everything back as it was; further calls do nothing.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        leaveScreen()
        delscreen(screen)
        cn_end_guard()
        cn_give_signals_back()
        restoreErrors()
        if savedErrors >= 0 { Glibc.close(savedErrors) }
    }

    deinit { close() }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

// MARK: Drawing.

extension TerminalBackend {
    /// Shows a frame: what changed is sent, in one synchronized update; nothing when nothing did.
    package func draw(_ frame: Frame) {
        guard isOpen else { return }
        self.frame = frame
        guard painter.paint(frame) else { return }
        if type.isXtermLike { send(Modes.drawing) }
        doupdate()
        if type.isXtermLike { send(Modes.drawn) }
    }

    /// Has the next frame drawn in full, over whatever another program left on the screen.
    package func redraw() {
        painter.forget()
        clearok(cn_current_screen(), true)
    }

    /// Rings the bell, or flashes where there is none.
    package func ring() { beep() }

    /// Switches the mouse reports; off, the terminal selects text itself.
    package func setMouse(_ isOn: Bool) {
        guard isOpen, isOn != hasMouse else { return }
        hasMouse = isOn
        if type.isXtermLike { send(isOn ? Modes.mouseOn : Modes.mouseOff) }
    }

    /// Puts a text on the operator's clipboard by OSC 52, through ssh and tmux as they allow it.
    ///
    /// - Returns: false where the terminal knows no such thing or the text is too long for it.
    package func copy(_ text: String) -> Bool {
        guard isOpen, type.isXtermLike, text.utf8.count <= 74_994 else { return false }
        send("\u{1B}]52;c;\(Base64.text(of: Array(text.utf8)))\u{07}")
        return true
    }

    func setModes() {
        guard type.isXtermLike else { return }
        send(Modes.pasteOn + (hasMouse ? Modes.mouseOn : ""))
    }

    /// Straight to the terminal: curses has flushed what it had by then.
    private func send(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }

    func leaveScreen() {
        if type.isXtermLike { send((hasMouse ? Modes.mouseOff : "") + Modes.pasteOff) }
        curs_set(1)
        endwin()
    }

    func silenceErrors() {
        let log = Glibc.open(errorLog, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { return }
        dup2(log, STDERR_FILENO)
        Glibc.close(log)
    }

    func restoreErrors() {
        if savedErrors >= 0 { dup2(savedErrors, STDERR_FILENO) }
    }
}
