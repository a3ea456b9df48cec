internal import CNCurses
internal import Glibc
import KassaModel

/// Turns what curses reads into keys, pastes and mouse actions.
struct InputReader {
    /// One thing that was put in.
    enum Input: Equatable {
        case key(Key)
        case paste(String)
        case mouse(Mouse.Action, column: Int, row: Int)
    }

    /// Characters of a paste that are kept; the rest is read and dropped.
    static let pasteLimit = 65_536
    /// Things read in one go, so that a flood of keys cannot keep the screen from being drawn.
    static let batchLimit = 1_024
    /// Milliseconds after which a paste without an end is taken for whole.
    static let pastePatience: Int64 = 3_000
    /// Milliseconds between two presses that are one double press.
    private static let doublePress: Int64 = 400

    private let isUTF8: Bool
    private var paste: String.UnicodeScalarView?
    private var pasted = 0
    private var pasteAt: Int64 = 0
    private var press: (column: Int, row: Int, at: Int64)?

    /// Codes that curses leaves free, for sequences that it does not know.
    private enum Code {
        static let pasteStart: Int32 = 0x7001
        static let pasteEnd: Int32 = 0x7002
        static let mouse: Int32 = 0x7003
        static let oldMouse: Int32 = 0x7004
        static let focus: Int32 = 0x7005
    }

    /// - Parameter isUTF8: whether characters beyond ASCII can come at all.
    init(isUTF8: Bool) { self.isUTF8 = isUTF8 }

    /// Teaches curses the sequences; after newterm.
    static func defineKeys() {
        define_key("\u{1B}[200~", Code.pasteStart)
        define_key("\u{1B}[201~", Code.pasteEnd)
        define_key("\u{1B}[<", Code.mouse)
        define_key("\u{1B}[M", Code.oldMouse)
        define_key("\u{1B}[I", Code.focus)
        define_key("\u{1B}[O", Code.focus)
    }

    /// Whether a paste is under way, so that the wait must not be long.
    var isPasting: Bool { paste != nil }

    /// Everything that has arrived, at most ``batchLimit`` keys of it, and whether more may wait.
    mutating func drain(at now: Int64) -> (inputs: [Input], hasMore: Bool) {
        var inputs: [Input] = []
        for _ in 0..<Self.batchLimit {
            guard let (code, isFunction) = Self.read() else {
                if let text = expiredPaste(at: now) { inputs.append(.paste(text)) }
                return (inputs, false)
            }
            if let input = take(code, isFunction: isFunction, at: now) { inputs.append(input) }
        }
        return (inputs, true)
    }

    private mutating func take(_ code: Int32, isFunction: Bool, at now: Int64) -> Input? {
        if paste != nil { return takePasted(code, isFunction: isFunction, at: now) }
        guard isFunction else { return character(code).map(Input.key) }
        switch code {
        case Code.pasteStart:
            paste = String.UnicodeScalarView()
            pasted = 0
            pasteAt = now
            return nil
        case Code.mouse: return mouse(at: now)
        case Code.oldMouse: return oldMouse(at: now)
        default: return Self.function(code).map(Input.key)
        }
    }

    /// A character or nothing of a key that curses made of bytes inside a paste: it is only text.
    private mutating func takePasted(_ code: Int32, isFunction: Bool, at now: Int64) -> Input? {
        pasteAt = now
        if isFunction {
            guard code == Code.pasteEnd else { return nil }
            defer { paste = nil }
            return paste.map { .paste(String($0)) }
        }
        guard pasted < Self.pasteLimit, let scalar = scalar(code) else { return nil }
        let isLayout = scalar == "\r" || scalar == "\n" || scalar == "\t"
        guard isLayout || (0x20...0x7E).contains(code) || code >= 0xA0 else { return nil }
        pasted += 1
        paste?.append(scalar == "\r" ? "\n" : scalar)
        return nil
    }

    private mutating func expiredPaste(at now: Int64) -> String? {
        guard let text = paste, now - pasteAt >= Self.pastePatience else { return nil }
        paste = nil
        return String(text)
    }

    private func scalar(_ code: Int32) -> Unicode.Scalar? {
        guard code >= 0, isUTF8 || code < 0x80 else { return nil }
        return Unicode.Scalar(UInt32(code))
    }

    private func character(_ code: Int32) -> Key? {
        switch code {
        case 9: return .tab
        case 10, 13: return .enter
        case 8, 127: return .backspace
        case 27: return escape()
        case 0: return .control(" ")
        case 1...26: return Unicode.Scalar(UInt32(code) + 0x60).map { .control(Character($0)) }
        case 28...31: return Unicode.Scalar(UInt32(code) + 0x40).map { .control(Character($0)) }
        case 0x80...0x9F: return nil
        default: return scalar(code).map { .character(Character($0)) }
        }
    }

    /// Esc by itself, or Alt with the character that came in the same breath.
    private func escape() -> Key {
        guard let (code, isFunction) = Self.read() else { return .escape }
        if !isFunction, code >= 32, code != 127, let scalar = scalar(code) {
            return .alt(Character(scalar))
        }
        if isFunction {
            ungetch(code)
        } else {
            unget_wch(wchar_t(code))
        }
        return .escape
    }

    /// The next code; nil where nothing has arrived.
    private static func read() -> (code: Int32, isFunction: Bool)? {
        var code: wint_t = 0
        switch wget_wch(cn_screen(), &code) {
        case OK: return (Int32(bitPattern: code), false)
        case KEY_CODE_YES: return (Int32(bitPattern: code), true)
        default: return nil
        }
    }
}

extension InputReader {
    /// `button;column;row` and `M` for down or `m` for up, as SGR mode reports it.
    private mutating func mouse(at now: Int64) -> Input? {
        var numbers = [0]
        for _ in 0..<24 {
            guard let code = Self.readSoon() else { return nil }
            switch code {
            case 0x30...0x39:
                let last = numbers.count - 1
                numbers[last] = numbers[last] % 100_000 * 10 + Int(code - 0x30)
            case 0x3B: numbers.append(0)
            case 0x4D where numbers.count == 3:
                return action(numbers[0], column: numbers[1] - 1, row: numbers[2] - 1, at: now)
            default: return nil
            }
        }
        return nil
    }

    /// Three bytes, each with 32 added, from a terminal that does not know SGR mode.
    private mutating func oldMouse(at now: Int64) -> Input? {
        var bytes: [Int] = []
        for _ in 0..<3 {
            guard let code = Self.readSoon() else { return nil }
            bytes.append(Int(code) - 32)
        }
        return action(bytes[0], column: bytes[1] - 1, row: bytes[2] - 1, at: now)
    }

    private mutating func action(_ button: Int, column: Int, row: Int, at now: Int64) -> Input? {
        guard column >= 0, row >= 0 else { return nil }
        switch button {
        case 64: return .mouse(.wheelUp, column: column, row: row)
        case 65: return .mouse(.wheelDown, column: column, row: row)
        case 0:
            if let last = press, (last.column, last.row) == (column, row),
                now - last.at <= Self.doublePress
            {
                press = nil
                return .mouse(.doublePress, column: column, row: row)
            }
            press = (column, row, now)
            return .mouse(.press, column: column, row: row)
        default: return nil
        }
    }

    /// The rest of a sequence whose beginning is here may be a moment behind.
    private static func readSoon() -> Int32? {
        if let (code, isFunction) = read() { return isFunction ? nil : code }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, 50) > 0, let (code, isFunction) = read() else { return nil }
        return isFunction ? nil : code
    }

    private static func function(_ code: Int32) -> Key? {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_HOME: .home
        case KEY_END: .end
        case KEY_PPAGE: .pageUp
        case KEY_NPAGE: .pageDown
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        case KEY_BTAB: .backTab
        case KEY_ENTER: .enter
        case KEY_F0 + 1...KEY_F0 + 24: .function(Int(code - KEY_F0))
        default: nil
        }
    }
}
