import Foundation
import KassaModel
import KassaView
import Testing

@Suite struct RenderTests {
    private let theme = Theme(.dark, depth: .indexed, glyphs: .utf8)
    private let standard = Size(columns: 120, rows: 36)

    /// What holds of every frame: whole rows, no cut characters, nothing that moves a cursor.
    private func check(_ frame: Frame, isASCII: Bool = false) {
        for row in 0..<frame.size.rows {
            var expectsRest = false
            for cell in frame.row(row) {
                #expect((cell.columns == 0) == expectsRest)
                expectsRest = cell.columns == 2
                let isControl = cell.base.value < 0x20 || (0x7F...0x9F).contains(cell.base.value)
                let isBidi =
                    (0x202A...0x202E).contains(cell.base.value)
                    || (0x2066...0x2069).contains(cell.base.value)
                #expect(!isControl && !isBidi)
                if isASCII { #expect(cell.base.value < 0x7F && cell.marks.isEmpty) }
            }
            #expect(!expectsRest)
        }
    }

    @Test func `every size is drawn, whatever is open`() {
        var state = Fixture.busy()
        Fixture.press(&state, .down, .down)
        var states = [state, Fixture.lost(state)]
        for key in ["?", "o", "d", "a", "/", ":", "J", "1", "3", "4", "5"] as [Character] {
            var other = state
            Fixture.press(&other, .character(key))
            Fixture.type(&other, "al")
            states.append(other)
        }
        for state in states {
            for (columns, rows) in [
                (0, 0), (1, 1), (2, 9), (39, 10), (40, 9), (40, 10), (41, 11), (79, 24), (80, 23),
                (80, 24), (109, 28), (110, 28), (159, 50), (160, 50), (300, 90), (1_000, 10),
                (10, 200), (81, 300),
            ] {
                let size = Size(columns: columns, rows: rows)
                let frame = render(state, size: size, theme: theme)
                #expect(frame.size == size)
                check(frame)
            }
        }
    }

    private static let hostile = [
        "\u{1B}[2J\u{1B}[1;1Howned", "\u{9B}31mred", "\u{1B}]0;title\u{07}",
        "a\r\nb\tc\u{08}\u{7F}",
        "\u{202E}txt.exe\u{2066}", "👩🏽‍💻👨‍👩‍👧‍👦🇩🇪", "z" + String(repeating: "\u{300}", count: 5_000),
        String(repeating: "世", count: 10_000), String(repeating: "w", count: 10_000), "\u{0}\u{1}",
        "العربية", "\u{FFFE}\u{10FFFF}", "",
    ]

    @Test(arguments: [Settings.Glyphs.utf8, .ascii])
    func `hostile data reaches no cell and breaks no column`(glyphs: Settings.Glyphs) {
        var state = Fixture.state(glyphs: glyphs)
        let rows = Self.hostile.enumerated().map { place, text in
            OrderRow(
                id: text + "\(place)", user: text, amount: Cents(.max - Int64(place)),
                description: text, status: place.isMultiple(of: 2) ? .unknown : .failed,
                createdAt: .max - Int64(place), updatedAt: .min, failureReason: text)
        }
        let accounts = Self.hostile.map { AccountRow(user: $0, balance: Cents(.min)) }
        let services = Self.hostile.map { ServiceHealth(name: $0, isUp: false, detail: $0) }
        let moment = state.moment
        let answers: [(Request, Response)] = [
            (.orders(limit: 500), .orders(rows)), (.accounts(limit: 9), .accounts(accounts)),
            (.health, .health(services)),
        ]
        for (request, response) in answers {
            _ = update(&state, .responded(request, response, Cost(), moment))
        }
        for size in GoldenTests.sizes {
            Fixture.layOut(&state, size)
            for pane in Pane.allCases {
                state.focus = pane
                for step in 0..<rows.count {
                    if step > 0 { Fixture.press(&state, .down) }
                    let theme = Theme(
                        .dark, depth: .mono, glyphs: glyphs, isUTF8: glyphs == .utf8)
                    check(render(state, size: size, theme: theme), isASCII: glyphs == .ascii)
                }
            }
        }
    }

    @Test func `in mono no cell has a colour, and the states differ by sign and word`() {
        var state = Fixture.busy()
        Fixture.press(&state, .down)
        let frame = render(
            state, size: standard, theme: Theme(.mono, depth: .indexed, glyphs: .utf8))
        #expect(
            frame.cells.allSatisfy {
                $0.style.foreground == .standard && $0.style.background == .standard
            })
        #expect(Set(OrderStatus.allCases.map { theme.sign(of: $0) }).count == 4)
        for word in ["✓ PAID", "✗ FAILED", "… PENDING"] { #expect(frame.text.contains(word)) }
    }

    @Test func `NO_COLOR wins over what the terminal can do`() {
        #expect(ColourDepth(colours: 256, isColourRefused: true) == .mono)
        #expect(ColourDepth(colours: 256) == .indexed)
        #expect(ColourDepth(colours: 88) == .sixteen)
        #expect(ColourDepth(colours: 8) == .eight)
        #expect(ColourDepth(colours: -1) == .mono)
    }

    @Test(arguments: [ColourDepth.eight, .sixteen, .indexed])
    func `a palette keeps to the terminal's colours`(depth: ColourDepth) {
        for choice in [Settings.Theme.dark, .light] {
            let theme = Theme(choice, depth: depth, glyphs: .utf8)
            for role in Role.allCases {
                for style in [theme(role), theme.stale(theme(role)), theme.fresh(theme(role))] {
                    #expect(style.foreground.index < depth.rawValue)
                    #expect(style.background.index < depth.rawValue)
                }
            }
        }
    }

    @Test func `a lost gateway keeps the last data, dimmed, with its age and a countdown`() {
        var state = Fixture.busy()
        Fixture.press(&state, .down)
        let before = render(state, size: standard, theme: theme).text
        state = Fixture.lost(state)
        let frame = render(state, size: standard, theme: theme)
        #expect(before.contains("LIVE"))
        for words in ["LOST", "retry", "STALE", "last good", "connection refused", "8 231.24"] {
            #expect(frame.text.contains(words), "\(words)")
        }
        let secondOrder = frame.row(5).dropFirst(42).prefix(76)
        #expect(
            secondOrder.allSatisfy {
                $0.style.foreground == theme.stale(.plain).foreground
            })
    }

    @Test func `a service that is down is named`() {
        var state = Fixture.busy()
        let services = [ServiceHealth(name: "payments", isUp: false, detail: "no answer")]
        let event = Event.responded(.health, .health(services), Cost(), state.moment)
        _ = update(&state, event)
        let text = render(state, size: Size(columns: 80, rows: 24), theme: theme).text
        #expect(text.contains("✗ payments DOWN"))
    }

    @Test func `the mouse reaches rows, headings, fields and hints where they are drawn`() throws {
        var state = Fixture.busy()
        let frame = render(state, size: standard, theme: theme)
        func lines(_ frame: Frame) -> [Substring] {
            frame.text.split(separator: "\n", omittingEmptySubsequences: false)
        }
        func target(_ text: String, in frame: Frame) throws -> Target? {
            for (row, line) in lines(frame).enumerated() {
                guard let found = line.range(of: text) else { continue }
                let column = line.distance(from: line.startIndex, to: found.lowerBound)
                return frame.target(at: .init(column: column, row: row))
            }
            return nil
        }
        #expect(lines(frame).count == 37)
        #expect(try target("AMOUNT", in: frame) == .heading(.orders, column: 3))
        #expect(try target("filter", in: frame) == .hint(.character("/")))
        #expect(frame.target(at: .init(column: 50, row: 4)) == .row(.orders, index: 0))
        #expect(frame.target(at: .init(column: 3, row: 5)) == .row(.accounts, index: 1))
        Fixture.press(&state, .character("o"))
        let form = render(state, size: standard, theme: theme)
        #expect(try target("Amount", in: form) == .field(1))
        #expect(try target("Cancel", in: form) == .cancel)
    }

    @Test func `a wide picture is drawn in well under a frame's time`() {
        let size = Size(columns: 200, rows: 60)
        let state = Fixture.busy(size: size)
        let time = ContinuousClock().measure {
            for _ in 0..<20 { _ = render(state, size: size, theme: theme) }
        }
        print("render 200x60: \(time / 20) a frame")
        #expect(time / 20 < .milliseconds(200))
    }
}
