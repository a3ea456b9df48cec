import Foundation

/// One number that a measurement found.
struct Figure: Sendable {
    let name: String
    let value: Double
    let unit: String

    init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

/// All figures of a run, and what they come to.
struct Results: Sendable {
    /// What is needed to read the figures: names and values.
    let machine: [(name: String, value: String)]
    /// In the order in which they came, each with a value a round or turn.
    private(set) var series: [(name: String, unit: String, values: [Double])] = []

    init(machine: [(name: String, value: String)]) { self.machine = machine }

    mutating func add(_ figure: Figure) {
        if let index = series.firstIndex(where: { $0.name == figure.name }) {
            series[index].values.append(figure.value)
        } else {
            series.append((figure.name, figure.unit, [figure.value]))
        }
    }

    /// The middle of the rounds; nil for what was not measured.
    func median(_ name: String) -> Double? {
        guard let values = series.first(where: { $0.name == name })?.values.sorted(),
            !values.isEmpty
        else { return nil }
        let middle = values.count / 2
        return values.count.isMultiple(of: 2)
            ? (values[middle - 1] + values[middle]) / 2 : values[middle]
    }

    /// The targets that could be judged, with what was reached.
    var verdicts: [(target: Target, reached: Double)] {
        Target.all.compactMap { target in target.reached(self).map { (target, $0) } }
    }

    /// For the terminal.
    var table: String {
        var lines = machine.map { "\($0.name.padded(to: 12)) \($0.value)" }
        lines += ["", "FIGURE".padded(to: 40) + "MEDIAN".leftPadded(to: 12) + "  ROUNDS"]
        for (name, unit, values) in series {
            let rounds = values.map(\.short).joined(separator: " ")
            let middle = "\((median(name) ?? 0).short) \(unit)"
            lines.append(name.padded(to: 40) + middle.leftPadded(to: 12) + "  \(rounds)")
        }
        lines += [
            "",
            "TARGET".padded(to: 58) + "WANTED".leftPadded(to: 10) + "REACHED".leftPadded(to: 10),
        ]
        for (target, reached) in verdicts {
            lines.append(
                target.name.padded(to: 58) + target.wanted.leftPadded(to: 10)
                    + reached.short.leftPadded(to: 10)
                    + (target.isMet(by: reached) ? "  met" : "  missed"))
        }
        return lines.joined(separator: "\n")
    }

    /// For a script.
    var json: String {
        let figures = series.map { name, unit, values in
            let rounds = values.map { "\($0)" }.joined(separator: ",")
            return #"{"name":"\#(name)","unit":"\#(unit)","median":\#(median(name) ?? 0),"#
                + #""rounds":[\#(rounds)]}"#
        }
        let targets = verdicts.map { target, reached in
            #"{"name":"\#(target.name)","wanted":"\#(target.wanted)","reached":\#(reached),"#
                + #""met":\#(target.isMet(by: reached))}"#
        }
        let facts = machine.map { #""\#($0.name)":"\#($0.value)""# }
        return """
            {"machine":{\(facts.joined(separator: ","))},
            "figures":[\(figures.joined(separator: ",\n"))],
            "targets":[\(targets.joined(separator: ",\n"))]}

            """
    }
}

/// What a ratio or a time is wanted to be.
struct Target: Sendable {
    enum Bound: Sendable { case atLeast(Double), atMost(Double), below(Double) }

    let name: String
    let bound: Bound
    let reached: @Sendable (Results) -> Double?

    var wanted: String {
        switch bound {
        case .atLeast(let value): "≥ \(value.short)"
        case .atMost(let value): "≤ \(value.short)"
        case .below(let value): "< \(value.short)"
        }
    }

    func isMet(by value: Double) -> Bool {
        switch bound {
        case .atLeast(let wanted): value >= wanted
        case .atMost(let wanted): value <= wanted
        case .below(let wanted): value < wanted
        }
    }

    /// One median through another.
    private static func ratio(_ name: String, _ bound: Bound, _ top: String, _ bottom: String)
        -> Target
    {
        Target(name: name, bound: bound) { results in
            guard let top = results.median(top), let bottom = results.median(bottom), bottom > 0
            else { return nil }
            return top / bottom
        }
    }

    private static func plain(_ name: String, _ bound: Bound, _ figure: String) -> Target {
        Target(name: name, bound: bound) { $0.median(figure) }
    }

    static let all: [Target] = [
        ratio("settled a second ÷ pgbench lifecycle", .atLeast(2), "settled", "pgbench lifecycle"),
        ratio(
            "accepted a second, Payments down ÷ pgbench accept", .atLeast(0.5),
            "accepted, Payments down", "pgbench accept"),
        ratio(
            "accepted a second, while settling ÷ pgbench accept", .atLeast(0.5), "accepted",
            "pgbench accept"),
        ratio("one hot account ÷ a thousand accounts", .atLeast(0.9), "settled, hot", "settled"),
        ratio(
            "orders in the table: millions ÷ few", .atLeast(0.85), "settled, big",
            "settled, few"),
        ratio("settled by gRPC ÷ by HTTP", .atLeast(1), "settled, gRPC", "settled"),
        ratio("accepted by gRPC ÷ by HTTP", .atLeast(1), "accepted, gRPC", "accepted"),
        plain("settle time at rest, p50, ms", .atMost(8), "settle at rest p50"),
        plain("settle time at rest, p99, ms", .atMost(25), "settle at rest p99"),
        plain("settle time at half the rate, p99, ms", .atMost(250), "settle at half p99"),
        ratio(
            "backlog: settling it ÷ accepting it", .atMost(1), "backlog settled", "backlog accepted"
        ),
        Target(name: "memory of the largest daemon under load, MB", bound: .atMost(80)) { results in
            let daemons = results.series.map(\.name).filter { $0.hasPrefix("RSS under load") }
            return daemons.compactMap { results.median($0) }.max()
        },
        plain("CPU of the busiest daemon at rest, %", .below(0.5), "busiest at rest"),
        ratio(
            "overload: settled ÷ the most around it", .atLeast(0.9), "settled, overload",
            "settled, around overload"),
        plain("overload: refusal after, p99, ms", .atMost(100), "refusal p99, overload"),
        plain("overload: refused without Retry-After", .atMost(0), "refused without Retry-After"),
        plain("overload: refused but not by 503", .atMost(0), "refused but not by 503"),
        plain("overload: unanswered", .atMost(0), "unanswered, overload"),
        plain("overload: accepted and lost", .atMost(0), "not settled, overload"),
        plain("overload: as calm as at rest after, s", .atMost(10), "calm after overload"),
    ]
}
