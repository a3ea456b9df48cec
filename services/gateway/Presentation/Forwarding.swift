import Failpoint
import GatewayInfrastructure
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceHost

/// Passes a request on to a service and its answer back.
///
/// The request's body is at most 64 KiB and is gathered first: a slow caller never holds a
/// connection to a service, and half a POST never reaches one. Long answers stream.
struct Forwarding: Sendable {
    let client: UpstreamClient
    let upstream: Upstream
    /// By which POSTs to one path travel together; nil where each goes alone.
    var gathering: RequestGathering?

    /// - Parameters:
    ///   - path: the path in the service, each segment canonical.
    ///   - readsQuery: whether the service reads the query: a broken escape in it is refused here,
    ///     since on the way it would become a text that nobody wrote.
    /// - Throws: ``HTTPFault`` 413, 422, 502, 503 or 504.
    func callAsFunction(
        _ request: Request, _ context: KassaRequestContext, as method: HTTPRequest.Method,
        to path: String, readsQuery: Bool = false
    ) async throws -> Response {
        if readsQuery { try RequestFields(query: request).validated() }
        let body = try await readBody(request, context)
        let query = request.uri.query.map { "?\(PercentCoding.canonicalQuery($0))" } ?? ""
        let message = UpstreamRequest(
            method: method, target: path + query, headers: request.headers,
            body: body, caller: context.caller)
        do {
            failpoint("gateway.before-forward")
            let answer = try await client.send(message, to: upstream, through: gathering)
            failpoint("gateway.after-forward")
            try check(answer, context.requestLogger)
            return Self.response(answer)
        } catch let fault as UpstreamFault {
            throw told(fault, context.requestLogger)
        }
    }

    /// The same for a POST that is all there and travels with others, without a task. One with a
    /// key goes the ordinary way, which may send it again.
    func direct(_ path: String, _ gathering: RequestGathering) -> DirectRoute {
        DirectRoute { request in
            request.headers[.idempotencyKey] == nil
                && gathering.takes(bytes: request.body.readableBytes)
        } begin: { request, complete in
            let message = UpstreamRequest(
                method: .post, target: path, headers: request.headers, body: request.body,
                caller: request.caller)
            failpoint("gateway.before-forward")
            gathering.post(message) { outcome in
                failpoint("gateway.after-forward")
                switch outcome {
                case .success(let answer): whole(answer, request, complete)
                case .failure(let fault as UpstreamFault):
                    complete(.failure(told(fault, request.requestLogger)))
                case .failure(let error): complete(.failure(error))
                }
            }
        }
    }

    /// Completes with the answer as soon as it is whole, as it mostly is.
    private func whole(
        _ answer: UpstreamResponse, _ request: BufferedRequest,
        _ complete: @escaping DirectRoute.Completion
    ) {
        let answered = { (body: ByteBuffer) in
            complete(
                Result {
                    try check(answer, request.requestLogger)
                    return BufferedResponse(
                        status: answer.status, headers: answer.headers, body: body)
                })
        }
        switch answer.body {
        case .whole(let body): answered(body)
        case .streamed(_, let parts):
            Task {
                do throws(UpstreamFault) {
                    answered(try await parts.gathered(upTo: requestBodyLimit))
                } catch {
                    complete(.failure(told(error, request.requestLogger)))
                }
            }
        }
    }

    /// - Throws: ``HTTPFault`` 502 where it is the gateway that the service does not take: the
    ///   caller was let in here.
    private func check(
        _ answer: UpstreamResponse, _ logger: @autoclosure () -> Logger
    ) throws(HTTPFault) {
        guard answer.status == .unauthorized || answer.status == .forbidden else { return }
        logger().error(
            "the service refuses the gateway's token: --service-token-file",
            metadata: ["upstream": "\(upstream.name)", "status": "\(answer.status.code)"])
        throw .refusedGateway(upstream.name)
    }

    private func told(_ fault: UpstreamFault, _ logger: Logger) -> HTTPFault {
        logger.warning("upstream failed", metadata: ["reason": "\(fault)"])
        return HTTPFault(fault)
    }

    private static func response(_ answer: UpstreamResponse) -> Response {
        let body =
            switch answer.body {
            case .whole(let bytes): ResponseBody(byteBuffer: bytes)
            case .streamed(let length, let parts):
                ResponseBody(contentLength: length) { writer in
                    for try await part in parts { try await writer.write(part) }
                    try await writer.finish(nil)
                }
            }
        return Response(status: answer.status, headers: answer.headers, body: body)
    }
}

extension HTTPFault {
    /// 502: the service does not take the gateway's own token.
    static func refusedGateway(_ upstream: String) -> HTTPFault {
        HTTPFault(.badGateway, "\(upstream) service does not accept this gateway")
    }

    init(_ fault: UpstreamFault) {
        switch fault.kind {
        case .unavailable:
            self = .unavailable("\(fault.upstream) service is unavailable")
        case .broken:
            self.init(.badGateway, "\(fault.upstream) service gave no valid answer")
        case .timedOut:
            self.init(.gatewayTimeout, "\(fault.upstream) service did not answer in time")
        }
    }
}
