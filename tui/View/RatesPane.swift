import KassaModel

extension Screen {
    /// What happens per second, and how long settling takes.
    mutating func drawRates(_ rect: Rect) {
        let area = open(.rates, rect, title: [Span("\(glyphs.dot) last 60s ", theme(.faint))])
        frame.visibleRows[.rates] = area.rows
        let wall = state.moment.wall
        let seconds = state.rates.seconds(max(10, min(60, area.columns - 24)), at: wall)
        let outcomes = state.rates.outcomes(at: wall)
        let settle = seconds.compactMap(\.settle).last.map { Wording.duration($0) } ?? "-"
        let percentiles = state.rates.percentiles(at: wall).map {
            "p50 \(Wording.duration($0.p50))  p95 \(Wording.duration($0.p95))"
                + "  p99 \(Wording.duration($0.p99))"
        }
        let bars: [(String, String, [Double], Role)] = [
            ("orders/s", Wording.rate(ordersPerSecond), seconds.map { Double($0.placed) }, .accent),
            (
                "\(glyphs.paid) paid/s", Self.mean(outcomes.paid), seconds.map { Double($0.paid) },
                .paid
            ),
            (
                "\(glyphs.failed) failed/s", Self.mean(outcomes.failed),
                seconds.map { Double($0.failed) }, .failed
            ),
            ("settle", settle, seconds.map { Double($0.settle ?? 0) }, .pending),
        ]
        var lines = bars.map { label, value, values, role -> [Span] in
            [
                Span(Self.padded(label, to: 11), theme(.faint)),
                Span(Self.padded(value, to: 9), theme(.text)), Span(spark(values), theme(role)),
            ]
        }
        lines.append([
            Span(Self.padded("in 60s", to: 11), theme(.faint)),
            Span(percentiles ?? "nothing settled", theme(.text)),
        ])
        lines.append([
            Span(Self.padded("all seen", to: 11), theme(.faint)),
            Span("\(glyphs.paid) \(Wording.count(state.rates.paidInAll))  ", theme(.paid)),
            Span("\(glyphs.failed) \(Wording.count(state.rates.failedInAll))  ", theme(.failed)),
            Span("\(glyphs.pending) \(Wording.count(state.rates.pending))", theme(.pending)),
        ])
        lines += feedLines
        for (place, line) in lines.prefix(area.rows).enumerated() {
            write(line, in: area.line(place), from: 1)
        }
    }

    private var feedLines: [[Span]] {
        Feed.Name.allCases.compactMap { name in
            guard let feed = state.feeds[name] else { return nil }
            let age = feed.age(at: now).map { Wording.age($0) } ?? "-"
            let text = "\(age) old  \(feed.latency)ms  \(Wording.bytes(feed.bytes))"
            let isStale = feed.outage != nil
            return [
                Span(Self.padded("\(name)", to: 11), theme(.faint)),
                Span(isStale ? "\(glyphs.failed) " : "", theme(.failed)),
                Span(text, theme(isStale ? .warning : .text)),
            ]
        }
    }

    private static func mean(_ count: Int) -> String {
        Wording.rate(Double(count) / Double(Rates.window))
    }

    static func padded(_ text: String, to columns: Int) -> String {
        let used = text.columns(upTo: columns)
        return text + String(repeating: " ", count: max(1, columns - used))
    }
}
