import KassaModel

extension Screen {
    /// What happens per second, and how long settling takes.
    mutating func drawRates(_ rect: Rect) {
        let title = Group(1, [Span("\(glyphs.dot) last 60s ", theme(.faint))])
        let area = open(.rates, rect, title: [title])
        frame.extents.rows[.rates] = area.rows
        let room = max(10, min(60, area.columns - 24))
        let seconds = state.rates.seconds(60, at: state.moment.wall)
        var lines = barLines(Array(seconds.suffix(room)))
        lines.append(labelled("in 60s", percentiles(isWide: area.columns >= 44)))
        lines.append(labelled(state.totals == nil ? "all seen" : "in all", totals))
        lines += feedLines
        let spare = area.rows - lines.count - 1
        if spare >= 4 { lines += [[]] + chart(seconds, rows: min(spare, 8), area.columns - 2) }
        for (place, line) in lines.prefix(area.rows).enumerated() {
            write(line, in: area.line(place), from: 1)
        }
        if !state.isCurrent, state.connection != .connecting { frame.restyle(area, theme.stale) }
    }

    /// Each rate with its value over the last ten seconds and its last minute.
    private func barLines(_ seconds: [Rates.Second]) -> [[Span]] {
        let recent = state.rates.seconds(11, at: state.moment.wall).dropLast()
        func mean(_ value: KeyPath<Rates.Second, Int>) -> String {
            guard state.isCurrent else { return "-" }
            return Wording.rate(Double(recent.reduce(0) { $0 + $1[keyPath: value] }) / 10)
        }
        let settle = seconds.compactMap(\.settle).last.map { Wording.duration($0) } ?? "-"
        let bars: [(String, String, [Double], Role)] = [
            ("orders/s", mean(\.placed), seconds.map { Double($0.placed) }, .accent),
            ("\(glyphs.paid) paid/s", mean(\.paid), seconds.map { Double($0.paid) }, .paid),
            (
                "\(glyphs.failed) failed/s", mean(\.failed), seconds.map { Double($0.failed) },
                .failed
            ),
            ("settle", settle, seconds.map { Double($0.settle ?? 0) }, .pending),
        ]
        return bars.map { label, value, values, role in
            labelled(
                label,
                [Span(Self.padded(value, to: 9), theme(.text)), Span(spark(values), theme(role))])
        }
    }

    private func percentiles(isWide: Bool) -> [Span] {
        guard let times = state.rates.percentiles(at: state.moment.wall) else {
            return [Span("nothing settled", theme(.text))]
        }
        let text =
            "p50 \(Wording.duration(times.p50))  p95 \(Wording.duration(times.p95))"
            + (isWide ? "  p99 \(Wording.duration(times.p99))" : "")
        return [Span(text, theme(.text))]
    }

    /// Outcomes as the gateway counts them, else as this screen saw them.
    private var totals: [Span] {
        let paid = state.totals?.paid ?? state.rates.paidInAll
        let failed = state.totals?.failed ?? state.rates.failedInAll
        return [
            Span("\(glyphs.paid) \(Wording.count(paid))  ", theme(.paid)),
            Span("\(glyphs.failed) \(Wording.count(failed))  ", theme(.failed)),
            Span("\(glyphs.pending) \(Wording.count(state.pending))", theme(.pending)),
        ]
    }

    private var feedLines: [[Span]] {
        Feed.Name.allCases.compactMap { name in
            // A gateway that does not count is no trouble.
            guard let feed = state.feeds[name], !name.isQuiet || feed.goodAt != nil else {
                return nil
            }
            let age = feed.age(at: now).map { Wording.age($0) } ?? "-"
            let text = "\(age) old  \(feed.latency)ms  \(Wording.bytes(feed.bytes))"
            let isStale = feed.outage != nil
            return labelled(
                "\(name)",
                [
                    Span(isStale ? "\(glyphs.failed) " : "", theme(.failed)),
                    Span(text, theme(isStale ? .warning : .text)),
                ])
        }
    }

    private func labelled(_ label: String, _ spans: [Span]) -> [Span] {
        [Span(Self.padded(label, to: 11), theme(.faint))] + spans
    }

    static func padded(_ text: String, to columns: Int) -> String {
        let used = text.columns(upTo: columns)
        return text + String(repeating: " ", count: max(1, columns - used))
    }
}

// MARK: The chart.

extension Screen {
    /// Outcomes of each second as columns that grow upwards, with the scale at the left: what was
    /// paid below, what failed on top of it.
    private func chart(_ seconds: [Rates.Second], rows: Int, _ columns: Int) -> [[Span]] {
        let shown = seconds.suffix(max(0, columns - 7))
        let highest = max(1, shown.map { $0.paid + $0.failed }.max() ?? 0)
        let title = [
            Span("outcomes a second, \(glyphs.paid) below \(glyphs.failed)", theme(.faint))
        ]
        let lines = (0..<rows - 1).map { row -> [Span] in
            let level = rows - 2 - row
            let isTop = row == 0
            let label = isTop ? Wording.count(highest) : (level == 0 ? "0" : "")
            let pad = String(repeating: " ", count: max(0, 5 - label.count))
            let axis = Span(pad + label + " " + String(Character(glyphs.vertical)), theme(.faint))
            return [axis] + shown.map { bar($0, level, of: rows - 1, highest) }
        }
        return [title] + lines
    }

    /// One character of a column: how far it reaches into this row.
    private func bar(_ second: Rates.Second, _ level: Int, of rows: Int, _ highest: Int) -> Span {
        let steps = glyphs.bars.count - 1
        func height(_ count: Int) -> Int { (count * rows * steps + highest - 1) / highest }
        let (paid, all) = (height(second.paid), height(second.paid + second.failed))
        let filled = max(0, min(steps, all - level * steps))
        let isPaid = paid - level * steps >= filled / 2 && paid > level * steps
        return Span(String(Character(glyphs.bars[filled])), theme(isPaid ? .paid : .failed))
    }
}
