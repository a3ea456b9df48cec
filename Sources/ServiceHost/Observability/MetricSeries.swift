import CoreMetrics
import Synchronization

/// One line, or for a histogram one block of lines, on the metrics page.
protocol MetricSeries: AnyObject, Sendable {
    /// What Prometheus sees: suffix of the name, one more label, value.
    var samples: [MetricSample] { get }
}

/// One number of a series.
struct MetricSample {
    var suffix = ""
    var label: [String]?
    let value: String
}

/// Only ever grows.
final class CounterSeries: MetricSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    var samples: [MetricSample] { [MetricSample(suffix: "_total", value: String(value))] }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    /// Nothing: Prometheus would take it for a restart.
    func reset() {}
}

/// The last value that was set.
final class GaugeSeries: MetricSeries, RecorderHandler, MeterHandler {
    private let current = Mutex(0.0)

    var samples: [MetricSample] {
        [MetricSample(value: PrometheusText.number(current.withLock { $0 }))]
    }

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
}

/// How values are spread over fixed buckets.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    /// What is counted, and so where the buckets lie.
    enum Scale {
        case seconds
        case counts

        var bounds: [Double] {
            switch self {
            case .seconds:
                [
                    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
                    10,
                ]
            case .counts: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096]
            }
        }
    }

    private struct State {
        var buckets: [Int]
        var count = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ scale: Scale) {
        bounds = scale.bounds
        state = Mutex(State(buckets: Array(repeating: 0, count: scale.bounds.count)))
    }

    var samples: [MetricSample] {
        let state = state.withLock { $0 }
        var samples: [MetricSample] = []
        var below = 0
        for (bound, count) in zip(bounds, state.buckets) {
            below += count
            samples.append(
                MetricSample(
                    suffix: "_bucket", label: ["le", PrometheusText.number(bound)],
                    value: String(below)))
        }
        samples.append(
            MetricSample(suffix: "_bucket", label: ["le", "+Inf"], value: String(state.count)))
        samples.append(MetricSample(suffix: "_sum", value: PrometheusText.number(state.sum)))
        samples.append(MetricSample(suffix: "_count", value: String(state.count)))
        return samples
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            if let bucket = bounds.firstIndex(where: { value <= $0 }) {
                state.buckets[bucket] += 1
            }
            state.count += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
}
