import KassaModel

extension Screen {
    /// How things stand: the gateway, its services, how old the data is, what is switched on.
    mutating func drawHeader() {
        let first = layout.header.line(0)
        switch layout.extent {
        case .line, .single: write(shortStatus, in: first, gap: 1)
        case .stacked, .full:
            let clock = UTCTime(milliseconds: state.moment.wall).clock + "Z "
            var left = first
            left.columns -= clock.count + 1
            write(status, in: left)
            write([Span(clock, theme(.faint))], in: first, from: first.columns - clock.count)
            drawRatesLine(layout.header.line(1))
        }
    }

    private var status: [Group] {
        [
            Group(0, [Span(" KASSA", theme(.heading))]),
            Group(3, [Span(gateway, theme(.faint))]),
            Group(0, connection(inFull: true)),
            Group(1, age),
            Group(state.isHealthKnown ? 2 : 4, services),
            Group(state.books?.standing == .wrong ? 1 : 4, bookkeeping),
            Group(2, unresolved),
            Group(5, [Span("poll \(Wording.interval(state.settings.interval))", theme(.faint))]),
            Group(2, [Span(state.settings.isReadOnly ? "READ-ONLY" : "", theme(.strong))]),
        ].filter { !$0.spans.allSatisfy(\.text.isEmpty) }
    }

    private var shortStatus: [Group] {
        [
            Group(4, [Span("KASSA", theme(.heading))]),
            Group(0, connection(inFull: false)),
            Group(2, state.isHealthKnown ? down : []),
            Group(1, state.books?.standing == .wrong ? Array(bookkeeping.prefix(1)) : []),
            Group(3, [Span("PEND \(state.pending)", theme(.pending))]),
            Group(5, state.isCurrent ? [Span(ordersPerSecond + "/s", theme(.faint))] : []),
        ].filter { !$0.spans.isEmpty }
    }

    /// The address as it was given; plain HTTP goes without saying.
    private var gateway: String {
        let address = state.settings.gateway
        return String(
            (address.hasPrefix("http://") ? address.dropFirst(7) : address[...]).prefix(48))
    }

    /// Orders placed a second; nothing while nobody knows.
    var ordersPerSecond: String {
        state.isCurrent ? Wording.rate(state.rates.perSecond(at: state.moment.wall)) : "-"
    }

    private func connection(inFull: Bool) -> [Span] {
        if let since = state.pausedAt {
            return [Span("[\(glyphs.paused) PAUSED \(Wording.age(now &- since))]", theme(.warning))]
        }
        switch state.connection {
        case .connecting:
            return [Span("[\(glyphs.pending) CONNECTING]", theme(.pending))]
        case .live:
            let latency = state.feeds[.orders]?.latency ?? 0
            return [Span("[\(glyphs.paid) LIVE \(latency)ms]", theme(.paid))]
        case .lost(let outage):
            var text = "\(glyphs.failed) LOST \(Wording.age(now &- outage.since))"
            let left = outage.retryAt &- now
            text += left > 0 ? " \(glyphs.dot) retry \(Wording.countdown(left))" : " trying"
            if inFull { text += " \(glyphs.dot) try \(outage.tries)" }
            return [Span("[\(text)]", theme(.failed))]
        }
    }

    private var age: [Span] {
        guard state.isFilled(.orders), let age = state.feeds[.orders]?.age(at: now) else {
            return [Span("no data yet", theme(.faint))]
        }
        let isOld = !state.isCurrent
        let text = "data \(Wording.age(age)) \(isOld ? "OLD" : "old")"
        return [Span(text, theme(isOld ? .warning : .faint))]
    }

    /// Each service with its sign, or those that are down; `?` for what cannot be known now.
    private var services: [Span] {
        guard state.isHealthKnown else {
            let names = state.services.map { "\(glyphs.unknown)\($0.name.prefix(16))" }
            return [Span(names.joined(separator: " "), theme.stale(theme(.faint)))]
        }
        let up = state.services.map { "\(glyphs.paid)\($0.name.prefix(16))" }
        let isWell = state.services.allSatisfy(\.isUp)
        return isWell ? [Span(up.joined(separator: " "), theme(.paid))] : down
    }

    /// The services that do not answer, by name.
    private var down: [Span] {
        state.services.filter { !$0.isUp }.prefix(3).flatMap { service -> [Span] in
            let why = service.detail.isEmpty ? "" : " (\(service.detail.prefix(24)))"
            return [
                Span("\(glyphs.failed) \(service.name.prefix(16)) DOWN", theme(.failed)),
                Span("\(why) ", theme(.faint)),
            ]
        }
    }

    private var unresolved: [Span] {
        let count = state.unresolved.count
        guard count > 0 else { return [] }
        return [Span("\(glyphs.unknown) \(count) UNKNOWN", theme(.unknown))]
    }

    private mutating func drawRatesLine(_ line: Rect) {
        let wall = state.moment.wall
        let outcomes = state.rates.outcomes(at: wall)
        let settled = outcomes.paid + outcomes.failed
        let seconds = state.rates.seconds(60, at: wall)
        let width = min(40, max(10, line.columns / 6))
        let percentiles = state.rates.percentiles(at: wall).map {
            "settle p50 \(Wording.duration($0.p50)) p95 \(Wording.duration($0.p95))"
                + (layout.extent == .full ? " p99 \(Wording.duration($0.p99))" : "")
        }
        let placed = seconds.suffix(width).map { Double($0.placed) }
        let settle = seconds.suffix(width).map { Double($0.settle ?? 0) }
        write(
            [
                Group(0, [Span(" orders/s \(ordersPerSecond)", theme(.text))]),
                Group(3, [Span(spark(placed), theme(.accent))]),
                Group(1, [Span(percentiles ?? "settle -", theme(.text))]),
                Group(4, [Span(spark(settle), theme(.accent))]),
                Group(
                    2,
                    [
                        Span("PAID \(Wording.share(outcomes.paid, of: settled))", theme(.paid)),
                        Span(
                            " FAILED \(Wording.share(outcomes.failed, of: settled))",
                            theme(.failed)),
                    ]),
                Group(1, [Span("PENDING \(state.pending)", theme(.pending))]),
            ], in: line)
        if !state.isCurrent { frame.restyle(line, theme.stale) }
    }

    /// One column a value, against the highest.
    func spark(_ values: [Double]) -> String {
        let highest = max(values.max() ?? 0, .leastNonzeroMagnitude)
        let top = Double(glyphs.bars.count - 1)
        return String(
            String.UnicodeScalarView(
                values.map { value in
                    let level = value > 0 ? max(1, (value / highest * top).rounded()) : 0
                    return glyphs.bars[min(glyphs.bars.count - 1, Int(level))]
                }))
    }
}
