import Hummingbird
import Metrics
import Synchronization

/// Requests by route and status, and how long they took. Routes are patterns and methods a fixed
/// list, so no caller can make series without end.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Instruments {
        let requests: Counter
        let duration: Metrics.Timer
    }

    private let registry: MetricsRegistry
    private let instruments = Mutex<[Key: Instruments]>([:])
    private static let methods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .patch, .delete, .options,
    ]

    init(registry: MetricsRegistry) { self.registry = registry }

    func observe(
        route: String, method: HTTPRequest.Method, status: HTTPResponse.Status, elapsed: Duration
    ) {
        let key = Key(
            route: route, method: Self.methods.contains(method) ? method.rawValue : "other",
            status: status.code)
        let instruments = instruments.withLock { instruments in
            if let known = instruments[key] { return known }
            let made = make(key)
            instruments[key] = made
            return made
        }
        instruments.requests.increment()
        instruments.duration.recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
    }

    private func make(_ key: Key) -> Instruments {
        let place = [("route", key.route), ("method", key.method)]
        return Instruments(
            requests: Counter(
                label: "kassa_http_requests",
                dimensions: place + [("status", String(key.status))], factory: registry),
            duration: Metrics.Timer(
                label: "kassa_http_request_duration", dimensions: place,
                preferredDisplayUnit: .seconds, factory: registry))
    }
}
