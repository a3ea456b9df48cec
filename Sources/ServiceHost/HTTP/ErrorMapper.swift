import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import SharedKernel

/// Turns whatever a route throws into the contract's error shape; what callers cannot act on is
/// logged, never shown.
struct ErrorMapper {
    let table: RouteTable

    /// - Throws: `HTTPParserError`, for bytes that are no HTTP: the server itself answers 400 and
    ///   closes.
    func response(
        to error: any Error, _ request: Request, _ context: KassaRequestContext
    ) throws -> Response {
        if error is HTTPParserError { throw error }
        switch error {
        case is BodyDeadlineExceeded: return HTTPFault.bodyTooSlow.response
        case is NIOTooManyBytesError:
            return HTTPFault.bodyTooLarge(context.limits.bodyBytes).response
        case let error as HTTPError where error.status == .notFound:
            return notFound(request).response
        default:
            return fault(for: error, request.method, context.requestLogger).response
        }
    }

    /// What a request is told whose route or whose work failed.
    ///
    /// - Parameter logger: with the request's id, used for what callers cannot act on.
    func fault(
        for error: any Error, _ method: HTTPRequest.Method, _ logger: @autoclosure () -> Logger
    ) -> HTTPFault {
        switch error {
        case let fault as HTTPFault: return fault
        case let error as any HTTPResponseError:
            return HTTPFault(error.status, error.status.reasonPhrase)
        case is IdempotencyKeyIsBusy: return .keyIsBusy
        case is CancellationError:
            return .unavailable("Service is shutting down")
        case _ where isUncertain(error) && method == .post:
            logger().warning("outcome unknown", metadata: ["error": "\(error)"])
            return HTTPFault(
                .gatewayTimeout,
                "The database did not answer: the request may have been carried out")
        case _ where isTransient(error):
            logger().warning("request failed for now", metadata: ["error": "\(error)"])
            return .unavailable("Service is temporarily unavailable")
        default:
            logger().error("request failed", metadata: ["error": "\(error)"])
            return HTTPFault(.internalServerError, "Internal Server Error")
        }
    }

    private func notFound(_ request: Request) -> HTTPFault {
        let methods = table.methods(forPath: request.uri.path)
        guard !methods.isEmpty else { return HTTPFault(.notFound, "Not Found") }
        return HTTPFault(
            .methodNotAllowed, "Method Not Allowed",
            headers: [.allow: methods.joined(separator: ", ")])
    }
}

extension HTTPFault {
    /// 408; the connection closes, since the rest of the body is not waited for.
    static var bodyTooSlow: HTTPFault {
        HTTPFault(
            .requestTimeout, "Request body did not arrive in time", headers: [.connection: "close"])
    }
}
