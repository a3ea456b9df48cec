import Access
import Hummingbird
import Logging
import Metrics
import SharedKernel
import Synchronization

/// Gives each request its id, and leaves one log line and its numbers behind.
struct RequestObserver: RouterMiddleware {
    typealias Context = KassaRequestContext

    private let metrics: RequestMetrics
    private let accessLogLevel: Logger.Level

    init(metrics: MetricsRegistry, accessLogLevel: Logger.Level) {
        self.metrics = RequestMetrics(registry: metrics)
        self.accessLogLevel = accessLogLevel
    }

    func handle(
        _ request: Request, context: KassaRequestContext,
        next: @concurrent (Request, KassaRequestContext) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        let correlation = correlation(of: request)
        var head = request.head
        head.headerFields.set(correlation)
        var context = context
        context.correlation = correlation
        context.logger[metadataKey: "request_id"] = .string(correlation.requestID ?? "")
        context.logger[metadataKey: "caller"] = .string(context.caller.name)
        var response = try await next(Request(head: head, body: request.body), context)
        response.headers[.requestID] = correlation.requestID
        let route = context.endpointPath ?? "NotFound"
        let elapsed = ContinuousClock.now - started
        metrics.observe(
            route: route, method: request.method, status: response.status, elapsed: elapsed)
        context.logger.log(
            level: response.status == .internalServerError ? .warning : accessLogLevel, "request",
            metadata: [
                "method": .string(request.method.rawValue), "route": .string(route),
                "path": .string(request.uri.path), "status": .string("\(response.status.code)"),
                "ms": .string("\(elapsed / .milliseconds(1))"),
            ])
        return response
    }
}

/// Requests by route and status, and how long they took. Routes are patterns and methods a fixed
/// list, so no caller can make series without end.
private final class RequestMetrics: Sendable {
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
