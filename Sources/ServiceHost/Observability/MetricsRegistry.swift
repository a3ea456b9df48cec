package import CoreMetrics
import Synchronization

/// Keeps this process's numbers for Prometheus to fetch: the backend of swift-metrics.
///
/// Counters, gauges and histograms; timers are histograms in seconds. Bounded: a name has at most
/// 500 label sets, whatever callers put into labels; further ones are counted and otherwise
/// forgotten.
package final class MetricsRegistry: MetricsFactory {
    private let families = Mutex<[String: MetricFamily]>([:])
    private let droppedSeries = CounterSeries()
    private static let seriesLimit = 500

    /// An empty registry.
    package init() {}

    /// A counter, printed with `_total` at its end.
    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        series(label, .counter, dimensions) { CounterSeries() }
    }

    /// A gauge, or with `aggregate` a histogram of plain numbers.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(label, .gauge, dimensions) { GaugeSeries() } }
        return series(label, .histogram, dimensions) { HistogramSeries(.counts) }
    }

    /// A gauge.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { GaugeSeries() }
    }

    /// A histogram in seconds, printed with `_seconds` at its end.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series("\(label)_seconds", .histogram, dimensions) { HistogramSeries(.seconds) }
    }

    /// Nothing: a series stays, since Prometheus would take its end for a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    /// Nothing, as for counters.
    package func destroyMeter(_ handler: any MeterHandler) {}
    /// Nothing, as for counters.
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Nothing, as for counters.
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// Everything in Prometheus' text format 0.0.4, in a stable order.
    package func prometheusText() -> String {
        let families = families.withLock { $0 }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.append(family, name: name)
        }
        let dropped = droppedSeries.value
        if dropped > 0 {
            var family = MetricFamily(kind: .counter)
            family.series[Labels([])] = droppedSeries
            text.append(family, name: "kassa_metrics_dropped_series")
        }
        return text.text
    }

    private func series<Series: MetricSeries>(
        _ label: String, _ kind: MetricFamily.Kind, _ dimensions: [(String, String)],
        make: () -> Series
    ) -> Series {
        let name = PrometheusText.name(label)
        let labels = Labels(dimensions)
        return families.withLock { families in
            if let known = families[name]?.series[labels] as? Series { return known }
            let made = make()
            // The same name with another kind would make the whole page unreadable for Prometheus.
            guard families[name].map({ $0.kind == kind }) ?? true,
                families[name]?.series.count ?? 0 < Self.seriesLimit
            else {
                droppedSeries.increment(by: 1)
                return made
            }
            families[name, default: MetricFamily(kind: kind)].series[labels] = made
            return made
        }
    }
}

/// A metric's name with all its label sets.
struct MetricFamily {
    enum Kind: String {
        case counter, gauge, histogram
    }

    let kind: Kind
    var series: [Labels: any MetricSeries] = [:]
}

/// A label set, whatever the order in which it was given.
struct Labels: Hashable {
    let pairs: [[String]]

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { [$0.0, $0.1] }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
