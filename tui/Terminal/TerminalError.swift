/// Why there is no screen; each says in one line what to do.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    /// Standard input or output is a file, a pipe or nothing.
    case notATerminal
    /// `TERM` is unset or empty.
    case noType
    /// The terminal's description is not installed.
    case unknownType(String)
    /// The terminal cannot place its cursor.
    case tooPlain(String)
    /// Curses would not start, or not on this thread.
    case unavailable(String)

    package var description: String {
        switch self {
        case .notATerminal:
            "input and output must be a terminal: use `kassa dashboard --once` for one frame"
        case .noType:
            "TERM is not set: try `TERM=xterm-256color kassa`, or `kassa dashboard --once`"
        case .unknownType(let type):
            "terminal type '\(type)' is not known here: try `TERM=xterm-256color kassa`"
        case .tooPlain(let type):
            "terminal type '\(type)' cannot place a cursor: use `kassa dashboard --once`"
        case .unavailable(let why):
            "the screen cannot be opened: \(why)"
        }
    }
}
