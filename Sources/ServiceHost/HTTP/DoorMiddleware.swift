import Hummingbird
import SharedKernel

/// The ``Doorkeeper`` around the routes that have a task of their own.
///
/// One middleware and not one for each duty: what lies between two costs more than what most of
/// them do.
struct DoorMiddleware: RouterMiddleware {
    typealias Context = KassaRequestContext

    let keeper: Doorkeeper

    func handle(
        _ request: Request, context: KassaRequestContext,
        next: @concurrent (Request, KassaRequestContext) async throws -> Response
    ) async throws -> Response {
        let visit = keeper.visit(request.headers)
        var head = request.head
        head.headerFields.set(visit.correlation)
        let request = Request(head: head, body: request.body)
        var context = context
        context.admission = visit.admission
        context.correlation = visit.correlation
        context.limits = keeper.limits
        var response: Response
        do {
            // How the daemon is may be asked at any rate.
            if !head.isObservation { try keeper.count(visit, from: context.address) }
            response = try await next(request, context)
        } catch {
            response = try keeper.errors.response(to: error, request, context)
        }
        response.headers[.requestID] = visit.correlation.requestID
        keeper.observe(
            visit, route: context.endpointPath, request.method, path: request.uri.path,
            response.status, context.logger)
        return response
    }
}
