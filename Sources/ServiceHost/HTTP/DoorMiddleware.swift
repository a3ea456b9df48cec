import Access
import Hummingbird
import Logging
import SharedKernel

/// What every request goes through around its route: who makes it, its id, its client's rate; and
/// on the way back the error shape, its numbers and one log line.
///
/// One middleware and not one for each: what lies between two costs more than what most of them do.
struct DoorMiddleware: RouterMiddleware {
    typealias Context = KassaRequestContext

    let access: AccessGuard
    let limits: RequestLimits
    let limiter: RateLimiter
    let errors: ErrorMapper
    let metrics: RequestMetrics
    let accessLogLevel: Logger.Level

    func handle(
        _ request: Request, context: KassaRequestContext,
        next: @concurrent (Request, KassaRequestContext) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        let correlation = correlation(of: request)
        var head = request.head
        head.headerFields.set(correlation)
        let request = Request(head: head, body: request.body)
        var context = context
        context.admission = access.identify(Credentials(head.headerFields))
        context.correlation = correlation
        context.limits = limits
        var response: Response
        do {
            // How the daemon is may be asked at any rate.
            if !head.isObservation { try limiter.admit(context.client) }
            response = try await next(request, context)
        } catch {
            response = try errors.response(to: error, request, context)
        }
        response.headers[.requestID] = correlation.requestID
        observe(request, response, context, ContinuousClock.now - started)
        return response
    }

    private func observe(
        _ request: Request, _ response: Response, _ context: KassaRequestContext,
        _ elapsed: Duration
    ) {
        let route = context.endpointPath ?? "NotFound"
        metrics.observe(
            route: route, method: request.method, status: response.status, elapsed: elapsed)
        let level = response.status == .internalServerError ? .warning : accessLogLevel
        guard context.logger.logLevel <= level else { return }
        context.requestLogger.log(
            level: level, "request",
            metadata: [
                "method": .string(request.method.rawValue), "route": .string(route),
                "path": .string(request.uri.path), "status": .string("\(response.status.code)"),
                "ms": .string("\(elapsed / .milliseconds(1))"),
            ])
    }
}
