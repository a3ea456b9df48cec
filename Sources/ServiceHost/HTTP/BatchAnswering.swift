import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Answers the requests of a batch as if each had come alone: each goes through the whole router,
/// with the token that the batch was brought with and the caller that its sender names.
struct BatchAnswering: Sendable {
    let responder: RouterResponder<KassaRequestContext>
    /// Paths whose requests may come together.
    let paths: Set<String>
    let logger: Logger

    /// Whether this request is a batch.
    func takes(_ request: Request) -> Bool {
        request.method == .post && !paths.isEmpty
            && request.headers[.contentType] == MessageBatch.mediaType
            && path(of: request) != nil
    }

    /// The answers, in the order of the requests; 400, 408 or 413 where there is no batch to be
    /// read.
    ///
    /// - Throws: what a request's own answering throws.
    func answer(_ request: Request, on channel: any Channel) async throws -> Response {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: MessageBatch.byteLimit)
        } catch is NIOTooManyBytesError {
            return HTTPFault.bodyTooLarge(MessageBatch.byteLimit).response
        } catch is BodyDeadlineExceeded {
            return HTTPFault.bodyTooSlow.response
        }
        guard let path = path(of: request), let batch = try? MessageBatch(parsing: bytes) else {
            return HTTPFault(.badRequest, "The batch cannot be read").response
        }
        let head = request.head
        let answers = try await withThrowingTaskGroup(
            of: (Int, MessageBatch.Message).self
        ) { group in
            for (position, message) in batch.messages.enumerated() {
                var fields = message.headers
                fields[.authorization] = head.headerFields[.authorization]
                let single = HTTPRequest(
                    method: .post, scheme: head.scheme, authority: head.authority, path: path,
                    headerFields: fields)
                group.addTask {
                    (position, try await answer(single, message.body, on: channel))
                }
            }
            var answers = [MessageBatch.Message](
                repeating: .init(), count: batch.messages.count)
            for try await (position, answer) in group { answers[position] = answer }
            return answers
        }
        return Response(
            status: .ok, headers: [.contentType: MessageBatch.mediaType],
            body: ResponseBody(byteBuffer: MessageBatch(answers).encoded))
    }

    private func answer(
        _ head: HTTPRequest, _ body: ByteBuffer, on channel: any Channel
    ) async throws -> MessageBatch.Message {
        let response = try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: body)),
            context: KassaRequestContext(
                source: ApplicationRequestContextSource(channel: channel, logger: logger)))
        let gathered = GatheredBody()
        try await response.body.write(gathered)
        return MessageBatch.Message(
            status: response.status, headers: response.headers, body: gathered.bytes)
    }

    private func path(of request: Request) -> String? {
        guard request.uri.path.hasSuffix(MessageBatch.pathSuffix) else { return nil }
        let path = String(request.uri.path.dropLast(MessageBatch.pathSuffix.count))
        return paths.contains(path) ? path : nil
    }
}

/// Takes an answer's body instead of a connection.
private final class GatheredBody: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws { bytes.writeImmutableBuffer(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
