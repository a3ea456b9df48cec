import Access
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SharedKernel

/// A route whose requests are answered together.
struct BatchRoute: Sendable {
    /// Its path, alone and of its batches before ``MessageBatch/pathSuffix``.
    let path: String
    let keeper: Doorkeeper
    let gate: StartGate?
    let requests: RequestGate
    let handler: ServiceRouter.BatchHandler
}

/// Answers the requests of a batch as if each had come alone: each passes the door by itself, with
/// the token that the batch was brought with and the caller that its sender names, has its own
/// place and its own answer. What they share is the task, and their route's work.
struct BatchAnswering: Sendable {
    /// By the path of their batches.
    let routes: [String: BatchRoute]
    let logger: Logger

    init(_ routes: [BatchRoute], logger: Logger) {
        self.routes = Dictionary(
            uniqueKeysWithValues: routes.map { ($0.path + MessageBatch.pathSuffix, $0) })
        self.logger = logger
    }

    /// The route that answers this batch; nil where it is none.
    func route(of request: Request) -> BatchRoute? {
        guard request.method == .post, !routes.isEmpty,
            request.headers[.contentType] == MessageBatch.mediaType
        else { return nil }
        return routes[request.uri.path]
    }

    /// The answers, in the order of the requests; 400, 408 or 413 where there is no batch to be
    /// read.
    func answer(
        _ request: Request, by route: BatchRoute, on channel: any Channel
    ) async throws -> Response {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: MessageBatch.byteLimit)
        } catch is NIOTooManyBytesError {
            return HTTPFault.bodyTooLarge(MessageBatch.byteLimit).response
        } catch is BodyDeadlineExceeded {
            return HTTPFault.bodyTooSlow.response
        }
        guard let batch = try? MessageBatch(parsing: bytes) else {
            return HTTPFault(.badRequest, "The batch cannot be read").response
        }
        let token = request.headers[.authorization]
        let answers = await answer(batch.messages, token, channel.remoteAddress, by: route)
        return Response(
            status: .ok, headers: [.contentType: MessageBatch.mediaType],
            body: ResponseBody(byteBuffer: MessageBatch(answers).encoded))
    }

    private func answer(
        _ messages: [MessageBatch.Message], _ token: String?, _ address: SocketAddress?,
        by route: BatchRoute
    ) async -> [MessageBatch.Message] {
        var visits: [Doorkeeper.Visit] = []
        var answers: [Result<BufferedResponse, any Error>?] = []
        var admitted: [(place: Int, request: BufferedRequest)] = []
        for message in messages {
            var fields = message.headers
            fields[.authorization] = token
            let visit = route.keeper.visit(fields)
            fields.set(visit.correlation)
            do throws(HTTPFault) {
                admitted.append(
                    (
                        visits.count,
                        try route.admit(visit, fields, message.body, address, logger)
                    ))
                answers.append(nil)
            } catch {
                answers.append(.failure(error))
            }
            visits.append(visit)
        }
        let outcomes = admitted.isEmpty ? [] : await route.handler(admitted.map(\.request))
        for (position, outcome) in zip(admitted, outcomes) { answers[position.place] = outcome }
        for _ in admitted { route.requests.leave() }
        return zip(visits, answers).map { visit, answer in
            route.told(answer ?? .failure(MissingAnswer()), to: visit, logger)
        }
    }
}

/// A handler that broke its word: every request has an answer.
private struct MissingAnswer: Error {}

extension BatchRoute {
    /// Lets one request of a batch in; it then holds a place in the gate.
    fileprivate func admit(
        _ visit: Doorkeeper.Visit, _ fields: HTTPFields, _ body: ByteBuffer,
        _ address: SocketAddress?, _ logger: Logger
    ) throws(HTTPFault) -> BufferedRequest {
        try keeper.count(visit, from: address)
        let caller = try visit.caller(needing: .operator)
        try gate?.admit()
        guard body.readableBytes <= keeper.limits.bodyBytes else {
            throw HTTPFault.bodyTooLarge(keeper.limits.bodyBytes)
        }
        try requests.takePlace()
        return BufferedRequest(
            headers: fields, body: body, caller: caller, correlation: visit.correlation,
            limits: keeper.limits, logger: logger)
    }

    /// What the request is told, which the door notes.
    fileprivate func told(
        _ outcome: Result<BufferedResponse, any Error>, to visit: Doorkeeper.Visit,
        _ logger: Logger
    ) -> MessageBatch.Message {
        let answer = keeper.answer(outcome, to: visit, .post, logger)
        keeper.observe(visit, route: path, .post, path: path, answer.status, logger)
        var headers = answer.headers
        headers[.requestID] = visit.correlation.requestID
        return MessageBatch.Message(
            status: answer.status, headers: headers, body: answer.body)
    }
}

extension Doorkeeper {
    /// The answer, or the fault that says why there is none.
    func answer(
        _ outcome: Result<BufferedResponse, any Error>, to visit: Visit,
        _ method: HTTPRequest.Method, _ logger: Logger
    ) -> BufferedResponse {
        switch outcome {
        case .success(let answer): answer
        case .failure(let error):
            errors.fault(
                for: error, method,
                logger.about(visit.correlation, try? visit.admission.get())
            ).bufferedResponse
        }
    }
}
