import KassaModel
import Testing

struct CommandTests {
    @Test(arguments: [
        "orders paid", "accounts", "filter alice", "filter", "sort amount", "sort user desc",
        "goto o1", "interval 250ms", "interval 2s", "pause", "resume", "retry", "follow on",
        "follow off", "follow", "account zoe", "deposit", "order alice 5 two words", "copy",
        "raw", "export csv", "export json /tmp/x.json", "theme light", "glyphs ascii",
        "mouse off", "readonly", "log", "help", "int 2s", "quit", "q", "  sort   id",
    ])
    func `every command is understood`(line: String) {
        var it = Operator.live(orders: [Operator().order("o1")])
        it.command(line)
        #expect(it.state.commandLine.complaint == nil)
        #expect(it.state.overlay != .command)
        #expect(it.submissions.isEmpty)
    }

    @Test(arguments: [
        "nosuch", "sort nothing", "interval", "interval 5", "interval 1ms", "interval 9999999s",
        "theme pink", "glyphs", "mouse", "follow up", "export xml", "goto", "o",
        "interval 99999999999999999999s",
    ])
    func `a slip is explained and the line stays to be mended`(line: String) {
        var it = Operator.live()
        it.command(line)
        #expect(it.state.commandLine.complaint?.isEmpty == false)
        #expect(it.state.overlay == .command)
        #expect(it.state.commandLine.input.text == line)
        #expect(it.effects.contains(.bell))
    }

    @Test func `Tab goes through what the line could become`() {
        var it = Operator.live(accounts: [AccountRow(user: "alice", balance: .zero)])
        it.press(.character(":"))
        it.type("de")
        #expect(it.state.commandLine.completions == ["deposit"])
        it.press(.tab)
        it.type(" al")
        it.press(.tab)
        #expect(it.state.commandLine.input.text == "deposit alice")
        it.press(.control("u"))
        it.type("sort ")
        it.press(.tab, .tab)
        #expect(it.state.commandLine.input.text == "sort id")
        it.press(.backTab)
        #expect(it.state.commandLine.input.text == "sort created")
    }

    @Test func `Up brings earlier lines back`() {
        var it = Operator.live()
        it.command("sort id")
        it.command("pause")
        it.press(.character(":"), .up, .up)
        #expect(it.state.commandLine.input.text == "sort id")
        it.press(.down, .down)
        #expect(it.state.commandLine.input.text.isEmpty)
    }

    @Test func `an order that is not known is asked for, and selected at the second goto`() {
        var it = Operator.live()
        it.command("goto far")
        #expect(it.requests == [.order(id: "far")])
        let detail = OrderDetail(row: it.order("far", at: -999), history: [], raw: "{}")
        it.answer(.order(id: "far"), .order(detail))
        #expect(it.state.orders.selected == nil)
        it.command("goto far")
        #expect(it.state.orders.selected == RowID("far"))
    }

    @Test func `no key has two meanings, and every binding can be reached`() {
        var seen: Set<Key> = []
        for binding in KeyMap.bindings {
            for key in binding.keys {
                #expect(seen.insert(key).inserted, "\(key.name) twice")
                #expect(KeyMap.action(for: key) == binding.action)
            }
        }
    }

    @Test func `help has every binding and command, and a read-only screen offers no changes`() {
        func lines(_ isReadOnly: Bool) -> [String] {
            KeyMap.help(isReadOnly: isReadOnly).flatMap { $0.lines.map { $0.keys + $0.help } }
        }
        let total = KeyMap.bindings.count + Command.all.count + KeyMap.typing.count
        #expect(lines(false).count == total)
        #expect(lines(true).count == total - 6)
        #expect(!KeyMap.hints(isReadOnly: true).contains { $0.key == .character("o") })
        #expect(KeyMap.hints(isReadOnly: false).contains { $0.key == .character("o") })
    }

    @Test func `help scrolls to its last line and any other key closes it`() {
        var it = Operator.live()
        it.press(.character("?"), .character("j"), .character("G"))
        guard case .help(let top) = it.state.overlay else {
            Issue.record("no help")
            return
        }
        #expect(top > 20 && top < 200)
        it.press(.character("x"))
        #expect(it.state.overlay == nil)
    }

    @Test func `quit, suspend and redraw are effects, whatever has the keyboard`() {
        var it = Operator.live()
        it.press(.character("q"))
        #expect(it.effects == [.save, .quit(code: 0)])
        it.press(.control("c"))
        #expect(it.effects == [.save, .quit(code: 0)])
        it.press(.character("a"))
        it.press(.control("z"))
        #expect(it.effects == [.suspend])
        it.press(.control("l"))
        #expect(it.effects == [.redraw])
        it.send(.resumed(it.moment))
        #expect(it.effects.contains(.redraw))
        it.press(.control("c"))
        #expect(it.effects.isEmpty)
        #expect(it.state.overlay == nil)
    }

    @Test func `what is selected is copied, else the bell rings`() {
        var it = Operator.live(orders: [Operator().order("o1")])
        it.press(.character("y"))
        #expect(it.effects == [.bell])
        it.press(.character("j"))
        it.press(.character("y"))
        #expect(it.effects == [.copy("o1")])
    }

    @Test func `the view is remembered, and a broken memory does no harm`() {
        var it = Operator.live()
        it.command("interval 5s")
        it.command("sort amount desc")
        it.command("filter !paid")
        it.command("accounts")
        it.command("theme light")
        var other = Operator().state
        other.restore(it.state.savedView)
        #expect(other.savedView == it.state.savedView)
        #expect(other.orders.filter == Filter("!paid"))
        let before = other.savedView
        other.restore(SavedView(values: ["interval": "-1", "theme": "pink", "focus": "moon"]))
        #expect(other.savedView == before)
    }
}

struct ExportTests {
    private func screen() -> Operator {
        var it = Operator.live(orders: [
            Operator().order("o1", user: "=cmd()", description: "say \"hi\", twice"),
            Operator().order("o2", at: 1, .paid, user: "bob", cents: 199, settledAfter: 2),
        ])
        it.command("sort id asc")
        return it
    }

    @Test func `CSV quotes what it must and disarms formulas`() {
        let lines = screen().state.exportText(.csv).split(separator: "\r\n").map(String.init)
        #expect(
            lines[0]
                == "order_id,user_id,amount,description,status,created_at,updated_at,failure_reason"
        )
        #expect(lines[1].hasPrefix("o1,'=cmd(),1.00,\"say \"\"hi\"\", twice\",PENDING,"))
        #expect(lines[2].hasPrefix("o2,bob,1.99,,PAID,"))
        #expect(lines.count == 3)
    }

    @Test func `JSON escapes and keeps numbers exact`() {
        let text = screen().state.exportText(.json)
        #expect(text.contains("\"user_id\": \"=cmd()\""))
        #expect(text.contains("\"description\": \"say \\\"hi\\\", twice\""))
        #expect(text.contains("\"amount\": 1.99"))
        #expect(Operator.live().state.exportText(.json) == "[]\n")
    }

    @Test func `what is filtered out is not exported, and the name has the time`() {
        var it = screen()
        it.command("filter bob")
        let effects = it.press(.character("E"))
        guard case .export(let path, let text) = effects.first else {
            Issue.record("no export")
            return
        }
        #expect(path.hasPrefix("kassa-orders-2026-") && path.hasSuffix(".json"))
        #expect(!text.contains("o1"))
        it.send(.exported(path: path, error: "disk full"))
        #expect(it.lastLine.contains("disk full"))
    }
}
