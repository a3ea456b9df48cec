internal import CNCurses
internal import Glibc

/// What is known of the terminal before curses touches it.
struct TerminalType: Equatable {
    /// The terminfo entry in use, maybe a stand-in for the one asked for.
    let name: String
    /// Whether it takes xterm's private modes: bracketed paste, mouse, clipboard.
    let isXtermLike: Bool
    /// What brings the screen back after a crash: everything that is switched on, off again.
    let reset: String

    /// Terminals that Debian's base has no entry for, though they all understand xterm's.
    private static let modern = [
        "alacritty", "contour", "foot", "ghostty", "iterm", "konsole", "rio", "st-", "vte",
        "wezterm",
        "xterm",
    ]

    /// Reads the entry, or that of a stand-in.
    ///
    /// - Throws: what to do instead, in one line.
    static func find(_ asked: String?) throws(TerminalError) -> TerminalType {
        guard let asked, !asked.isEmpty else { throw .noType }
        let isModern = modern.contains { asked.hasPrefix($0) }
        for name in isModern ? [asked, "xterm-256color", "xterm"] : [asked] {
            var code: Int32 = 0
            guard setupterm(name, STDOUT_FILENO, &code) == OK else { continue }
            defer { cn_forget_type() }
            guard string("cup") != nil else { throw .tooPlain(asked) }
            let isMultiplexed = asked.hasPrefix("screen") || asked.hasPrefix("tmux")
            let isXtermLike = isModern || isMultiplexed || tigetflag("XT") == 1
            return TerminalType(
                name: name, isXtermLike: isXtermLike, reset: reset(isXtermLike: isXtermLike))
        }
        throw .unknownType(String(asked.prefix(40)))
    }

    /// The text of a capability up to its padding; nil where the terminal lacks it.
    private static func string(_ capability: String) -> String? {
        guard let text = tigetstr(capability), Int(bitPattern: text) != -1 else { return nil }
        let bytes = Array(String(cString: text).utf8)
        let end = bytes.indices.first { bytes[$0...].starts(with: "$<".utf8) } ?? bytes.endIndex
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private static func reset(isXtermLike: Bool) -> String {
        let modes = isXtermLike ? "\u{1B}[?2026l" + Modes.mouseOff + Modes.pasteOff : ""
        let capabilities = ["sgr0", "op", "rmacs", "cnorm", "rmkx", "rmcup"]
        return modes + capabilities.compactMap(string).joined() + "\r"
    }
}

/// The private modes of xterm that curses knows nothing of.
enum Modes {
    static let pasteOn = "\u{1B}[?2004h"
    static let pasteOff = "\u{1B}[?2004l"
    /// Presses and the wheel, with coordinates as decimal numbers.
    static let mouseOn = "\u{1B}[?1000h\u{1B}[?1006h"
    static let mouseOff = "\u{1B}[?1006l\u{1B}[?1000l"
    /// Between these the terminal shows nothing half drawn.
    static let drawing = "\u{1B}[?2026h"
    static let drawn = "\u{1B}[?2026l"
}
