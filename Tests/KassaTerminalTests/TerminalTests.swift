import Foundation
import Testing

/// The terminal's room in a real terminal: what is pressed, what is drawn, and what is left behind.
@Suite(.enabled(if: Tmux.isInstalled), .serialized) struct TerminalTests {
    /// Starts the probe and has its exit code told afterwards, and whether the line is as before.
    ///
    /// - Parameter withJobs: from the interactive shell, which knows of stopped programs, but also
    ///   mends the line itself; else from a plain one, which hides nothing.
    private func start(
        columns: Int = 80, rows: Int = 24, environment: [String: String] = [:], with: String = "",
        withJobs: Bool = false
    ) throws -> Tmux {
        let tmux = try Tmux(columns: columns, rows: rows, environment: environment)
        let whole =
            "A=$(stty -g); \(with) \(Tmux.probe); echo code=$?; "
            + "[ \"$A\" = \"$(stty -g)\" ] && echo line=same"
        try tmux.run(withJobs ? Tmux.probe : "sh -c '\(whole)'")
        try tmux.wait(for: "PROBE \(columns)x\(rows)")
        return tmux
    }

    /// The last of the line of processes that the pane began.
    private func pid(_ tmux: Tmux) throws -> Int32 {
        var pid = try tmux.ask("#{pane_pid}")
        while let child = try String(
            contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8
        ).split(separator: " ").last {
            pid = String(child)
        }
        return try #require(Int32(pid))
    }

    /// The screen and the line settings are as before, and the modes are off.
    private func expectLeft(_ tmux: Tmux, code: Int, recorded file: URL) throws {
        let text = try tmux.screen { $0.contains("code=\(code)") && $0.contains("line=same\n") }
        #expect(!text.contains("PROBE"))
        #expect(try tmux.ask("#{alternate_on}#{mouse_any_flag}#{cursor_flag}") == "001")
        _ = try tmux.recorded(file, with: "\u{1B}[?2004l")
    }

    @Test func `keys come as keys`() throws {
        let tmux = try start()
        let keys = [
            ("j", "j"), ("Escape", "Esc"), ("Up", "Up"), ("PPage", "PgUp"), ("F5", "F5"),
            ("M-x", "M-x"), ("BTab", "S-Tab"), ("é", "é"), ("世", "世"), ("C-l", "^L"),
            ("Enter", "Enter"), ("BSpace", "Bksp"), ("DC", "Del"), ("Home", "Home"), ("C-c", "^C"),
            ("Space", "Space"), ("Tab", "Tab"), ("End", "End"),
        ]
        for (key, name) in keys {
            try tmux.press(key)
            try tmux.screen { $0.split(separator: "\n")[1] == "last: key \(name)" }
        }
    }

    @Test func `Esc by itself does not wait for more`() throws {
        let tmux = try start()
        // ncurses' own wait is a full second; a busy machine may be slow once, not ten times over.
        let isQuick = try (0..<10).contains { _ in
            try tmux.press("j")
            try tmux.wait(for: "key j")
            try tmux.press("Escape")
            let time = try ContinuousClock().measure { try tmux.wait(for: "key Esc") }
            return time < .milliseconds(600)
        }
        #expect(isQuick)
    }

    @Test func `a paste is text, whatever is in it`() throws {
        let tmux = try start()
        try tmux.paste("one\nq\ttwo\u{1B}OA\u{1B}世q")
        try tmux.wait(for: "last: paste")
        // The arrow inside is dropped, and no q quits.
        try tmux.wait(for: #"paste 11 "one\nq\ttwo世q""#)
    }

    @Test func `a large paste is kept to its limit and the keys after it still work`() throws {
        let tmux = try start()
        try tmux.paste(String(repeating: "x", count: 100_000))
        try tmux.wait(for: "paste 65536")
        try tmux.press("j")
        try tmux.wait(for: "last: key j")
    }

    @Test func `the mouse is heard, and can be switched off`() throws {
        let tmux = try start()
        #expect(try tmux.ask("#{mouse_any_flag}#{mouse_sgr_flag}") == "11")
        try tmux.send(Array("\u{1B}[<0;210;3M".utf8))
        try tmux.wait(for: "mouse press")
        try tmux.send(Array("\u{1B}[<0;210;3m\u{1B}[<0;210;3M".utf8))
        try tmux.wait(for: "mouse doublePress")
        try tmux.send(Array("\u{1B}[<65;1;1M".utf8))
        try tmux.wait(for: "mouse wheelDown")
        try tmux.press("m")
        try tmux.wait(for: "key m")
        #expect(try tmux.ask("#{mouse_any_flag}") == "0")
    }

    @Test func `a new size is drawn at once`() throws {
        let tmux = try start()
        for (columns, rows) in [(40, 10), (200, 60), (120, 36)] {
            try tmux.resize(columns, rows)
            try tmux.wait(for: "PROBE \(columns)x\(rows)")
            try tmux.wait(for: "resize \(columns)x\(rows)")
        }
    }

    @Test func `another thread can end the wait`() throws {
        let tmux = try start()
        try tmux.press("w")
        try tmux.wait(for: "last: woken")
    }

    @Test func `quitting leaves everything as it was`() throws {
        let tmux = try start()
        let file = try tmux.record()
        try tmux.press("q")
        try expectLeft(tmux, code: 0, recorded: file)
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func `a signal to end leaves everything as it was`(signal: Int32) throws {
        let tmux = try start()
        let file = try tmux.record()
        kill(try pid(tmux), signal)
        try expectLeft(tmux, code: 128 + Int(signal), recorded: file)
    }

    @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGFPE])
    func `a crash leaves the terminal as it was`(signal: Int32) throws {
        let tmux = try start()
        let file = try tmux.record()
        kill(try pid(tmux), signal)
        try expectLeft(tmux, code: 128 + Int(signal), recorded: file)
    }

    @Test func `a trap in Swift leaves the terminal as it was`() throws {
        let tmux = try start()
        let file = try tmux.record()
        try tmux.press("c")
        try expectLeft(tmux, code: 128 + Int(SIGILL), recorded: file)
    }

    @Test func `Ctrl-Z stops and fg brings everything back`() throws {
        let tmux = try start(withJobs: true)
        try tmux.press("C-z")
        try tmux.wait(for: "Stopped")
        #expect(try tmux.ask("#{alternate_on}#{mouse_any_flag}") == "00")
        try tmux.resize(100, 30)
        try tmux.run("fg")
        let text = try tmux.wait(for: "last: back")
        #expect(text.contains("PROBE 100x30"))
        #expect(try tmux.ask("#{alternate_on}#{mouse_any_flag}") == "11")
        try tmux.press("q")
        try tmux.screen { !$0.contains("PROBE") }
    }

    @Test(arguments: [SIGTSTP, SIGSTOP])
    func `stopped from outside, it draws itself again`(signal: Int32) throws {
        let tmux = try start(withJobs: true)
        kill(try pid(tmux), signal)
        try tmux.wait(for: "Stopped")
        try tmux.run("fg")
        try tmux.wait(for: "last: resumed")
        try tmux.press("j")
        try tmux.wait(for: "last: key j")
    }

    @Test func `hostile text never reaches the terminal raw`() throws {
        let tmux = try start()
        let file = try tmux.record()
        try tmux.press("h")
        try tmux.wait(for: "end")
        try tmux.press("j")
        try tmux.wait(for: "last: key j")
        let bytes = try tmux.recorded(file, with: "key j")
        for sequence in ["\u{1B}[2J", "\u{1B}]0;", "\u{9B}", "\u{202E}", "\u{200D}", "\u{7F}"] {
            #expect(bytes.range(of: Data(sequence.utf8)) == nil, "\(sequence.debugDescription)")
        }
    }

    @Test func `what changed is sent, between synchronized marks`() throws {
        let tmux = try start()
        try tmux.press("x")
        try tmux.wait(for: "last: key x")
        let file = try tmux.record()
        try tmux.press("j")
        try tmux.wait(for: "last: key j")
        let bytes = try tmux.recorded(file, with: "\u{1B}[?2026l")
        #expect(bytes.starts(with: Data("\u{1B}[?2026h".utf8)))
        #expect(bytes.count < 80)
    }

    @Test func `an id is copied by OSC 52`() throws {
        let tmux = try start()
        try tmux.press("y")
        try tmux.wait(for: "copy true")
        #expect(try tmux.tmux(["show-buffer"]) == "id-123")
    }

    @Test(arguments: ["xterm-kitty", "alacritty", "xterm-256color", "vt100", "linux", "screen"])
    func `the terminal is used as it is named`(type: String) throws {
        let tmux = try start(with: "TERM=\(type)")
        try tmux.press("j")
        let text = try tmux.wait(for: "key j")
        #expect(text.contains("名前 é ✓ end"))
    }

    @Test func `without UTF-8 everything is drawn in ASCII`() throws {
        let tmux = try start(with: "LC_ALL=C")
        let expected = #"\u540d\u524d e\u0301 \u2713 end"#
        #expect(try tmux.wait(for: "PROBE").contains(expected))
    }

    @Test func `a UTF-8 locale that is not installed still shows UTF-8`() throws {
        let tmux = try start(with: "LC_ALL=xx_YY.UTF-8")
        #expect(try tmux.wait(for: "PROBE").contains("名前 é ✓ end"))
    }

    @Test(arguments: [
        ("env -u TERM", "TERM is not set"), ("TERM=", "TERM is not set"),
        ("TERM=bogus-9", "'bogus-9' is not known"), ("TERM=dumb", "cannot place a cursor"),
        ("true |", "must be a terminal"),
    ])
    func `where there can be no screen it says what to do`(with: String, words: String) throws {
        let tmux = try Tmux(columns: 120)
        try tmux.run("clear; \(with) \(Tmux.probe); echo code=$?")
        let text = try tmux.wait(for: "code=2")
        let line = text.split(separator: "\n").first { $0.contains("probe:") }
        #expect(line?.contains(words) == true)
        #expect(line?.contains("try") == true || line?.contains("use") == true)
    }

    @Test func `output that is no terminal is left alone`() throws {
        let tmux = try Tmux(columns: 120)
        try tmux.run("clear; \(Tmux.probe) > /dev/null; echo code=$?")
        try tmux.wait(for: "code=2")
    }

    @Test func `NO_COLOR leaves colours out`() throws {
        let tmux = try start(with: "NO_COLOR=1")
        #expect(!(try tmux.tmux(["capture-pane", "-p", "-e"]).contains("\u{1B}[32m")))
        let other = try start()
        #expect(try other.tmux(["capture-pane", "-p", "-e"]).contains("\u{1B}[32m"))
    }

    @Test func `a terminal that goes away ends the program`() throws {
        let tmux = try start()
        let pid = try pid(tmux)
        try tmux.tmux(["kill-server"])
        let deadline = ContinuousClock.now + .seconds(10)
        while kill(pid, 0) == 0, ContinuousClock.now < deadline { sched_yield() }
        #expect(kill(pid, 0) != 0)
    }
}
