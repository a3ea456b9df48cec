import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// From a request on a connection to the response on it: routes, the `Date` field, and a 500 for
/// what no route should have let through.
struct HTTPAnswering: Sendable {
    let responder: RouterResponder<KassaRequestContext>
    let batches: BatchAnswering
    let logger: Logger

    /// Called by the server for each request.
    ///
    /// - Throws: `HTTPParserError` for bytes that are no HTTP, which the server itself answers.
    @concurrent @Sendable
    func answer(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        var response: Response
        do {
            if let route = batches.route(of: request) {
                response = try await batches.answer(request, by: route, on: channel)
            } else {
                var context = KassaRequestContext(
                    source: ApplicationRequestContextSource(channel: channel, logger: logger))
                context.cameAlone = true
                response = try await responder.respond(to: request, context: context)
            }
        } catch let error as HTTPParserError {
            throw error
        } catch {
            logger.error("request failed", metadata: ["error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = HTTPDate.now
        try await writer.write(response: response.head, body: response.body)
    }
}
