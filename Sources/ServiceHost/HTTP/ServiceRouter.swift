import Access
package import Hummingbird
import JSON
package import Logging
import Metrics

/// A router with everything that each daemon's has: request ids, access log, request metrics, the
/// error shape, who may call what, and `/health`, `/ready` and `/metrics`.
///
/// Paths match with and without a trailing slash; a path that exists under another method answers
/// 405 with `Allow`.
package final class ServiceRouter {
    /// What a route is: a request in, a response out; what it throws becomes the error shape.
    package typealias Handler =
        @Sendable (_ request: Request, _ context: KassaRequestContext) async throws -> Response

    /// What a route is whose requests may be answered together: each gets its own answer, in their
    /// order. There are up to ``MessageBatch/countLimit`` of them.
    package typealias BatchHandler =
        @Sendable (_ requests: [BufferedRequest]) async -> [Result<BufferedResponse, any Error>]

    private let router: Router<KassaRequestContext>
    private let table = RouteTable()
    private let gate: StartGate?
    private let requests: RequestGate
    private let refusals: Counter
    private let keeper: Doorkeeper
    /// Routes whose POSTs may come together, as a ``MessageBatch`` to the path and `/batch`.
    private(set) var batched: [BatchRoute] = []
    private var direct: [String: DirectRoute] = [:]
    /// For the server: what to let in, and to refuse before it comes here.
    var admission: RequestAdmission.Door {
        RequestAdmission.Door(requests: requests, refusals: refusals)
    }
    /// For the server: what is answered before it comes here.
    var shortcuts: DirectAnswering.Door {
        DirectAnswering.Door(routes: direct, keeper: keeper, requests: requests, gate: gate)
    }

    /// Who may call a route.
    package enum Openness: Sendable {
        /// Those who may look, where the method changes nothing, otherwise those who may change.
        case byMethod
        /// Everybody, tokens or not.
        case everybody
    }

    /// - Parameters:
    ///   - readiness: what `/ready` reports.
    ///   - metrics: what `/metrics` prints and where requests are counted.
    ///   - accessLogLevel: the level of the one line for each request.
    ///   - access: decides who comes in.
    ///   - gate: while it is closed every route but `/health`, `/ready` and `/metrics` answers 503.
    ///   - limits: what one request may be, and how many a client may make.
    ///   - requests: how many requests there may be at once; nil makes one of `limits`. A daemon
    ///     with several doors gives the same to all.
    package init(
        readiness: any ReadinessSource, metrics: MetricsRegistry,
        access: AccessGuard, accessLogLevel: Logger.Level = .debug, gate: StartGate? = nil,
        limits: RequestLimits = RequestLimits(), requests: RequestGate? = nil
    ) {
        self.gate = gate
        self.requests = requests ?? RequestGate(limits.atOnce)
        refusals = Counter(
            label: "kassa_http_requests",
            dimensions: [("route", "Overload"), ("method", "other"), ("status", "503")],
            factory: metrics)
        keeper = Doorkeeper(
            access: access, limits: limits, limiter: RateLimiter(limits),
            errors: ErrorMapper(table: table), metrics: RequestMetrics(registry: metrics),
            accessLogLevel: accessLogLevel)
        router = Router(context: KassaRequestContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: DoorMiddleware(keeper: keeper))
        addObservation(readiness: readiness, metrics: metrics)
    }

    /// Adds a route for GET, and with it HEAD.
    ///
    /// - Parameter path: such as `/orders/{order_id}`.
    package func get(
        _ path: String, for callers: Openness = .byMethod, _ handler: @escaping Handler
    ) {
        on(.get, path, for: callers, handler)
        table.add(.head, path)
    }

    /// Adds a route for POST.
    ///
    /// - Parameters:
    ///   - path: such as `/accounts/{user_id}/deposit`.
    ///   - direct: a way to answer most of its requests without a task of their own; a path with
    ///     parameters has none.
    package func post(
        _ path: String, directly direct: DirectRoute? = nil, _ handler: @escaping Handler
    ) {
        on(.post, path, handler)
        self.direct[path] = direct
    }

    /// Adds a route for POST whose requests a gateway may bring together, as one ``MessageBatch``.
    ///
    /// - Parameter path: without parameters.
    package func post(_ path: String, together handler: @escaping BatchHandler) {
        batched.append(
            BatchRoute(
                path: path, keeper: keeper, gate: gate, requests: requests, handler: handler))
        post(path) { request, context in
            let single = BufferedRequest(
                headers: request.headers, body: try await readBody(request, context),
                caller: context.caller, correlation: context.correlation, limits: context.limits,
                logger: context.logger)
            for answer in await handler([single]) { return try answer.get().response }
            throw HTTPFault(.internalServerError, "Internal Server Error")
        }
    }

    /// Adds a route.
    package func on(
        _ method: HTTPRequest.Method, _ path: String, for callers: Openness = .byMethod,
        _ handler: @escaping Handler
    ) {
        add(method, path, for: callers) { [gate, requests] request, context in
            try gate?.admit()
            guard !context.takePlace() else {
                return try await requests.passHoldingPlace {
                    try await handler(bodyTaken(request, context), context)
                }
            }
            guard requests.hasRoom else { throw HTTPFault.overloaded }
            // A body that comes slowly takes nobody's place.
            let whole = try await bodyTaken(request, context)
            return try await requests.pass { try await handler(whole, context) }
        }
    }

    private func add(
        _ method: HTTPRequest.Method, _ path: String, for callers: Openness,
        _ handler: @escaping Handler
    ) {
        table.add(method, path)
        guard callers == .byMethod else {
            router.on(RouterPath(path), method: method, use: handler)
            return
        }
        let needed: Role = method == .get || method == .head ? .viewer : .operator
        router.on(RouterPath(path), method: method) { request, context in
            do throws(AccessRefusal) {
                _ = try context.admission.get(needing: needed)
            } catch {
                throw HTTPFault(error)
            }
            return try await handler(request, context)
        }
    }

    /// Every route so far, for whoever compares them with the API's description.
    package var routes: [(method: HTTPRequest.Method, path: String)] { table.all }

    /// What answers requests, for a server or a test; add every route before.
    package func makeResponder() -> RouterResponder<KassaRequestContext> {
        router.buildResponder()
    }

    private func addObservation(readiness: any ReadinessSource, metrics: MetricsRegistry) {
        observe("/health", for: .everybody) { _, _ in
            let body: JSONValue = ["status": "ok"]
            return body.response()
        }
        observe("/ready", for: .everybody) { _, _ in
            let report = await readiness.report()
            return report.json.response(report.isReady ? .ok : .serviceUnavailable)
        }
        observe("/metrics", for: .byMethod) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.prometheusText())))
        }
    }

    private func observe(
        _ path: String, for callers: Openness, _ handler: @escaping Handler
    ) {
        add(.get, path, for: callers, handler)
        table.add(.head, path)
    }
}
