import Glibc
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
            if batches.takes(request) {
                response = try await batches.answer(request, on: channel)
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
        response.headers[.date] = Self.date(time(nil))
        try await writer.write(response: response.head, body: response.body)
    }

    /// A `Date` field's value (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func date(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        // Names of days and months are English: no daemon sets another locale.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let length = strftime(start, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(
                decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
        }
    }
}
