import Histogram
import JSON
import SharedKernel

extension LoadReport {
    /// How soon after the load a shop is as quick as at rest: a few orders a second tell.
    package struct Calm: Sendable, Equatable {
        /// From the end of the load's time to the first of these orders: the load's last answers
        /// came meanwhile.
        package let lag: Duration
        /// How long settling took, in microseconds: the 99th percentile of those created in each
        /// second, by the database's clock; nil where none was.
        package let seconds: [UInt64?]
        let isComplete: Bool

        init(_ plan: LoadPlan, _ counts: LoadTally.Counts, lag: Duration) {
            self.lag = max(.zero, lag)
            isComplete = counts.open == 0 && counts.unanswered == 0
            let first = counts.firstCreated?.microseconds ?? 0
            let length = Int(((plan.calm ?? .zero) / .seconds(1)).rounded(.up))
            var seconds = Array(repeating: Latencies.empty, count: length)
            for ending in counts.endings ?? [] {
                let created = ending.created.microseconds
                let second = Int((created - first) / 1_000_000)
                guard seconds.indices.contains(second) else { continue }
                seconds[second].record(.microseconds(ending.ended.microseconds - created))
            }
            self.seconds = seconds.map {
                $0.totalCount > 0 ? $0.valueAtPercentile(99) : nil
            }
        }

        var line: String {
            let times = seconds.map {
                $0.map { LoadReport.decimal(Double($0) / 1_000) } ?? "-"
            }
            let late = LoadReport.decimal(lag / .milliseconds(1))
            return "afterwards  settle p99 by second, from \(late) ms on: "
                + "\(times.joined(separator: " ")) ms"
        }

        var json: JSONValue {
            [
                "lag_us": .integer(Int(lag / .microseconds(1))),
                "settle_p99_us": .array(seconds.map { $0.map { .integer($0) } ?? .null }),
            ]
        }
    }
}
