package import JSON

/// Measurements as a person and as a script read them.
package struct Report {
    private let findings: [Finding]

    /// - Parameter findings: in the table's order.
    package init(_ findings: [Finding]) { self.findings = findings }

    /// A line for each benchmark; what was not measured shows as a dash.
    package var table: String {
        let heading = [
            "BENCHMARK", "NS", "MIN", "P90", "ALLOCS", "INSTR", "YARDSTICK", "NS", "ALLOCS",
            "RATIO",
        ]
        let rows = [heading] + findings.map(Self.row)
        let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return Self.words.contains(column) ? text + space : space + text
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Columns of words; the others are of figures, and end where their neighbours do.
    private static let words: Set<Int> = [0, 6]

    private static func row(_ finding: Finding) -> [String] {
        let time = finding.own.nanoseconds
        return [
            finding.name, figure(time.median), figure(time.least), figure(time.p90),
            figure(finding.own.allocations), figure(finding.instructions),
            finding.yardstick ?? "-", figure(finding.other?.nanoseconds.median),
            figure(finding.other?.allocations), ratio(finding.ratio),
        ]
    }

    /// Whole from 100 on, with one decimal below, without it where it says nothing.
    static func figure(_ value: Double?) -> String {
        guard let value else { return "-" }
        let tenths = Int64((value * 10).rounded())
        guard value < 100, tenths % 10 != 0 else { return String((tenths + 5) / 10) }
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func ratio(_ value: Double?) -> String {
        guard let value else { return "-" }
        let hundredths = Int64((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    /// The same as JSON, unrounded.
    package var json: JSONValue { .array(findings.map(Self.json)) }

    private static func json(_ finding: Finding) -> JSONValue {
        var members: [JSONValue.Member] = [.init("name", .string(finding.name))]
        members += json(finding.own)
        if let instructions = finding.instructions {
            members.append(.init("instructions", .number("\(instructions)")))
        }
        if let name = finding.yardstick, let other = finding.other {
            members.append(
                .init("yardstick", .object([.init("name", .string(name))] + json(other))))
        }
        if let ratio = finding.ratio {
            members.append(.init("ratio", .number("\(ratio)")))
        }
        return .object(members)
    }

    private static func json(_ cost: Finding.Cost) -> [JSONValue.Member] {
        [
            .init("median_ns", .number("\(cost.nanoseconds.median)")),
            .init("min_ns", .number("\(cost.nanoseconds.least)")),
            .init("p90_ns", .number("\(cost.nanoseconds.p90)")),
            .init("allocations", .number("\(cost.allocations)")),
        ]
    }
}
