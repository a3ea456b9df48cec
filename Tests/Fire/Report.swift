/// What a run has to say, Jepsen's way.
struct Report: Sendable {
    /// How often a kind of fault was injected.
    struct Tally: Sendable {
        var injected = 0
        /// Why it was not, each time that it was not.
        var failures: [String] = []
    }

    let seed: UInt64
    let elapsed: Duration
    let faults: [FaultKind: Tally]
    /// Kinds that cannot be injected on this machine, and why.
    let skipped: [(kind: String, reason: String)]
    let recoveries: [(fault: String, time: Duration)]
    let record: ClientRecord.State
    let stored: Stored
    let findings: Findings
    /// What `kassa audit` says of the same books.
    let audit: (isClean: Bool, text: String)

    /// Whether every promise was kept.
    var isGreen: Bool { findings.areNone && audit.isClean }

    /// What the program ends with.
    var exitCode: Int32 { isGreen ? 0 : 1 }

    /// The whole report.
    var text: String {
        (faultLines + [""] + numberLines + detailLines + ["", verdict]).joined(separator: "\n")
    }

    private var faultLines: [String] {
        var lines = [Self.row("FAULT", "INJECTED", "NOT")]
        for kind in FaultKind.allCases {
            guard let tally = faults[kind] else { continue }
            let reason = tally.failures.first.map { ", such as: \($0.prefix(90))" } ?? ""
            lines.append(
                Self.row(
                    kind.rawValue, "\(tally.injected)",
                    tally.failures.isEmpty ? "" : "\(tally.failures.count)\(reason)"))
        }
        for (kind, reason) in skipped { lines.append(Self.row(kind, "skipped", reason)) }
        return lines
    }

    private var numberLines: [String] {
        let orders = record.intents.values.count { $0.work != .deposit }
        let ends = stored.orders.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
        let endings = ends.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        var lines: [(String, String)] = [
            ("seed", "\(seed)"), ("time under fire", elapsed.short),
            ("faults", "\(faults.values.map(\.injected).reduce(0, +))"),
        ]
        lines.append(
            ("attempts", "\(record.attempts), \(record.unanswered) of them without an answer"))
        lines.append(("intents", "\(orders) orders, \(record.intents.count - orders) deposits"))
        lines.append(("acknowledged", "\(record.acknowledged.count)"))
        lines.append(("ended", endings.joined(separator: ", ")))
        lines.append(
            ("planted", "\(record.copies) copies, \(record.planted.count) lies and rubbish"))
        let contrary = ["PAID", "FAILED"].map { end in
            "\(record.contrary.values.count { $0.end == end }) of \(end) orders"
        }
        lines.append(("contrary outcomes at rest", contrary.joined(separator: ", ")))
        lines.append(("parked", "\(stored.parked.count)"))
        lines.append(("lost", "\(findings.lost.count)"))
        lines.append(("duplicated", "\(findings.duplicated.count)"))
        lines.append(("unexpected", "\(findings.unexpected.count)"))
        lines.append(("money error", "\(findings.moneyError) cents"))
        lines.append(("recovery", recovery))
        return lines.map { Self.row($0.0, $0.1, "") }
    }

    /// From the end of a salvo to the next order that ended.
    private var recovery: String {
        let times = recoveries.map(\.time).sorted()
        let slowest = recoveries.max { $0.time < $1.time }
        let most = slowest.map { ", slowest \($0.time.short) after \($0.fault)" } ?? ""
        return "p50 \(Self.percentile(50, of: times)), p99 \(Self.percentile(99, of: times))\(most)"
    }

    private var detailLines: [String] {
        var lines: [String] = []
        for (name, found) in [
            ("lost", findings.lost), ("duplicated", findings.duplicated),
            ("unexpected", findings.unexpected),
        ] {
            lines += found.prefix(10).map { "  \(name): \($0)" }
            if found.count > 10 { lines.append("  \(name): and \(found.count - 10) more") }
        }
        return lines + ["", "kassa audit --at-rest:", audit.text]
    }

    private var verdict: String {
        isGreen
            ? "VERDICT: every promise was kept."
            : "VERDICT: BROKEN. Repeat the schedule with SEED=\(seed)."
    }

    private static func percentile(_ percent: Int, of sorted: [Duration]) -> String {
        guard !sorted.isEmpty else { return "-" }
        let rank = (sorted.count * percent + 99) / 100
        return sorted[min(sorted.count, max(1, rank)) - 1].short
    }

    private static func row(_ name: String, _ value: String, _ rest: String) -> String {
        let columns = [name.padded(to: 40), rest.isEmpty ? value : value.padded(to: 9), rest]
        return columns.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Duration {
    /// In milliseconds below ten seconds, else in seconds.
    var short: String {
        let milliseconds = wholeNanoseconds / 1_000_000
        return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1_000) s"
    }
}
