import Glibc
import KassaModel
import KassaTerminal
import KassaView

// A program with a screen and nothing else, for the tests that need a real terminal: it shows the
// last thing that came, and its keys ask for what a test wants to see.

/// What stands on the screen: a heading, the size, and what came last.
@MainActor func frame(_ size: Size, _ last: String, isUTF8: Bool) -> Frame {
    var frame = Frame(size: size, ascii: !isUTF8)
    let area = frame.bounds
    frame.write("PROBE \(size.columns)x\(size.rows)", in: area.line(0), style: Style(Colour(2)))
    frame.write("last: \(last)", in: area.line(1))
    frame.write("名前 e\u{301} ✓ end", in: area.line(2))
    frame.cursor = Frame.Place(column: 0, row: 1)
    return frame
}

let hostile = "\u{1B}[2J\u{1B}]0;owned\u{07}\u{9B}31m\u{202E}evil\u{7F}\u{200D}👩🏽\u{08}\r\nend"

@MainActor func run(_ terminal: TerminalBackend) -> Int32 {
    var last = "nothing"
    terminal.draw(frame(terminal.size, last, isUTF8: terminal.isUTF8))
    while true {
        for event in terminal.events(upTo: 10_000) {
            switch event {
            case .terminate(let signal): return 128 + signal
            case .lost: return 3
            case .woken: last = "woken"
            case .resumed: last = "resumed"
            case .input(.resize(let size)): last = "resize \(size.columns)x\(size.rows)"
            case .input(.paste(let text)):
                last = "paste \(text.unicodeScalars.count) \(text.debugDescription.prefix(40))"
            case .input(.mouse(let mouse)): last = "mouse \(mouse.action)"
            case .input(.key(let key)):
                last = "key \(key.name)"
                switch key {
                case .character("q"): return 0
                case .character("c"): terminal.crash()
                case .character("h"): last = hostile
                case .character("m"): terminal.setMouse(false)
                case .character("y"): last = "copy \(terminal.copy("id-123"))"
                case .character("w"):
                    let waker = terminal.waker
                    Task.detached { waker.wake() }
                case .control("z"):
                    terminal.suspend()
                    last = "back"
                default: break
                }
            default: break
            }
        }
        terminal.draw(frame(terminal.size, last, isUTF8: terminal.isUTF8))
    }
}

extension TerminalBackend {
    /// Traps as a fault in the program would.
    func crash() { preconditionFailure("as asked") }
}

do {
    var options = TerminalBackend.Options()
    options.isColourRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let terminal = try TerminalBackend.open(options)
    let code = run(terminal)
    terminal.close()
    exit(code)
} catch {
    print("probe: \(error)")
    exit(2)
}
