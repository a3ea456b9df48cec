import Histogram
package import JSON
import SharedKernel

/// What a run of load came to.
package struct LoadReport: Sendable, Equatable {
    /// Percentiles of durations, in microseconds; zeros where there was nothing to measure.
    package struct Percentiles: Sendable, Equatable {
        package let p50, p90, p99, p999, max: UInt64

        init(_ histogram: Latencies) {
            p50 = histogram.valueAtPercentile(50)
            p90 = histogram.valueAtPercentile(90)
            p99 = histogram.valueAtPercentile(99)
            p999 = histogram.valueAtPercentile(99.9)
            max = histogram.totalCount > 0 ? histogram.max : 0
        }
    }

    /// Orders that fell due; as many as were sent where the rate is not given.
    package let due: Int
    package let sent: Int
    package let accepted: Int
    /// By HTTP status or gRPC code.
    package let refused: [String: Int]
    /// Sent without an answer: they may have been accepted.
    package let unanswered: Int
    package let paid: Int
    package let failed: Int
    /// Accepted, and not ended within the plan's patience: lost, or very late.
    package let open: Int
    /// Accepted orders a second, from the first one due to the last answer.
    package let acceptedRate: Double
    /// Ended orders a second, from the first one's creation to the last one's end.
    package let settledRate: Double
    /// From when an order was due to its acceptance.
    package let accepting: Percentiles
    /// From when a refused order was sent to its refusal.
    package let refusing: Percentiles
    /// From an order's creation to its end, by the database's clock.
    package let settling: Percentiles
    /// Where the plan wanted to see how soon the shop is calm again.
    package let calm: Calm?

    init(
        _ plan: LoadPlan, _ counts: LoadTally.Counts, start: ContinuousClock.Instant,
        calm: Calm? = nil
    ) {
        self.calm = calm
        due = plan.orders ?? counts.sent
        sent = counts.sent
        accepted = counts.accepted
        refused = counts.refused
        unanswered = counts.unanswered
        paid = counts.paid
        failed = counts.failed
        open = counts.open
        let sending = counts.lastAnswer.map { start.duration(to: $0) / .seconds(1) } ?? 0
        acceptedRate = sending > 0 ? Double(counts.accepted) / sending : 0
        let first = counts.firstCreated?.microseconds ?? 0
        let settlingTime = Double((counts.lastEnded?.microseconds ?? 0) - first) / 1e6
        settledRate =
            settlingTime > 0 ? Double(counts.paid + counts.failed) / settlingTime : 0
        accepting = Percentiles(counts.accepting)
        refusing = Percentiles(counts.refusing)
        settling = Percentiles(counts.settling)
    }

    /// Whether orders were accepted, every order that was sent got an answer, and every accepted
    /// one its end.
    package var isComplete: Bool {
        accepted > 0 && open == 0 && unanswered == 0 && calm?.isComplete ?? true
    }
}

extension LoadReport {
    /// For a person: a line for each thing.
    package var lines: [String] {
        let refusals = refused.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        var lines = [
            "due         \(due), of which \(sent) were sent",
            "accepted    \(accepted), \(Self.rate(acceptedRate))",
            "            \(accepting.line)",
            "refused     \(refusals.isEmpty ? "none" : refusals.joined(separator: ", "))",
            "unanswered  \(unanswered)",
            "settled     \(paid) PAID, \(failed) FAILED, \(Self.rate(settledRate))",
            "            \(settling.line)",
            "open        \(open)",
        ]
        if let calm { lines.append(calm.line) }
        if !refused.isEmpty { lines.insert("            \(refusing.line)", at: 4) }
        return lines
    }

    /// For a script: the same, durations in microseconds.
    package var json: JSONValue {
        [
            "due": .integer(due), "sent": .integer(sent), "accepted": .integer(accepted),
            "accepted_per_s": .number(Self.decimal(acceptedRate)), "accept_us": accepting.json,
            "refused": .object(
                refused.sorted { $0.key < $1.key }.map {
                    JSONValue.Member($0.key, .integer($0.value))
                }),
            "refuse_us": refusing.json, "unanswered": .integer(unanswered), "paid": .integer(paid),
            "failed": .integer(failed), "settled_per_s": .number(Self.decimal(settledRate)),
            "settle_us": settling.json, "open": .integer(open),
            "calm": calm?.json ?? .null,
        ]
    }

    private static func rate(_ rate: Double) -> String { "\(decimal(rate)) a second" }

    /// One decimal, however large.
    static func decimal(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension LoadReport.Percentiles {
    var line: String {
        [("p50", p50), ("p90", p90), ("p99", p99), ("p99.9", p999), ("max", max)]
            .map { "\($0) \(LoadReport.decimal(Double($1) / 1_000)) ms" }
            .joined(separator: "  ")
    }

    var json: JSONValue {
        [
            "p50": .integer(p50), "p90": .integer(p90), "p99": .integer(p99),
            "p999": .integer(p999), "max": .integer(max),
        ]
    }
}
