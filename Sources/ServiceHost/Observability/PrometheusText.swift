/// Prometheus' text exposition format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    mutating func append(_ family: MetricFamily, name: String) {
        let shown = family.kind == .counter ? "\(name)_total" : name
        text += "# TYPE \(shown) \(family.kind.rawValue)\n"
        let series = family.series.sorted {
            $0.key.pairs.lexicographicallyPrecedes($1.key.pairs) {
                $0.lexicographicallyPrecedes($1)
            }
        }
        for (labels, series) in series {
            for sample in series.samples {
                let pairs = labels.pairs + (sample.label.map { [$0] } ?? [])
                text += "\(name)\(sample.suffix)\(Self.labels(pairs)) \(sample.value)\n"
            }
        }
    }

    private static func labels(_ pairs: [[String]]) -> String {
        guard !pairs.isEmpty else { return "" }
        let parts = pairs.map { "\(name($0[0]))=\"\(escaped($0[1]))\"" }
        return "{\(parts.joined(separator: ","))}"
    }

    /// A name in Prometheus' alphabet: anything else becomes `_`; a counter's `_total` is added
    /// when printed.
    static func name(_ label: String) -> String {
        var name = String(
            label.unicodeScalars.map { scalar -> Character in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_")
                    || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
            })
        if name.first.map({ ("0"..."9").contains($0) }) ?? true { name = "_\(name)" }
        return name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
    }

    static func number(_ value: Double) -> String {
        switch value {
        case .infinity: "+Inf"
        case -.infinity: "-Inf"
        case _ where value.isNaN: "NaN"
        case _ where value == value.rounded() && value.magnitude < 1e15: String(Int64(value))
        default: "\(value)"
        }
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}
