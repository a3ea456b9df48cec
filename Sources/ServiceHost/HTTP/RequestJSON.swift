package import Hummingbird
package import JSON
package import NIOCore

/// The most bytes that a request's body may have unless told otherwise: 64 KiB.
package let requestBodyLimit = 65_536

/// Reads a request's body as JSON; an empty body is `null`.
///
/// - Throws: ``HTTPFault``: 413 for more bytes, 415 for a Content-Type that is not JSON (absent is
///   fine), 422 for broken JSON. A body that does not end in time ends as ``BodyDeadlineExceeded``,
///   which becomes 408.
package func readJSON(
    _ request: Request, _ context: KassaRequestContext
) async throws -> JSONValue {
    try readJSON(
        try await readBody(request, context), as: request.headers[.contentType], context.limits)
}

/// Reads the body of a request that is all there as JSON; an empty body is `null`.
///
/// - Throws: ``HTTPFault`` 415 or 422, as for any other request.
package func readJSON(_ request: BufferedRequest) throws(HTTPFault) -> JSONValue {
    try readJSON(request.body, as: request.headers[.contentType], request.limits)
}

private func readJSON(
    _ body: ByteBuffer, as contentType: String?, _ limits: RequestLimits
) throws(HTTPFault) -> JSONValue {
    guard body.readableBytes > 0 else { return .null }
    try requireJSON(contentType)
    do throws(JSONSyntaxError) {
        return try JSONValue(parsing: Array(body.readableBytesView), depthLimit: limits.jsonDepth)
    } catch {
        throw HTTPFault.invalid([
            FieldError(
                type: "json_invalid", loc: ["body", .integer(error.offset)],
                msg: "JSON decode error", input: [:], ctx: ["error": .string(error.reason)])
        ])
    }
}

/// Reads a request's body, bounded.
///
/// - Throws: ``HTTPFault`` 413.
package func readBody(
    _ request: Request, _ context: KassaRequestContext
) async throws -> ByteBuffer {
    let limit = context.limits.bodyBytes
    // Said at once where the length is announced: the caller may still be waiting to send.
    if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > limit {
        throw HTTPFault.bodyTooLarge(limit)
    }
    var whole = ByteBuffer()
    for try await var part in request.body {
        guard whole.readableBytes + part.readableBytes <= limit else {
            throw HTTPFault.bodyTooLarge(limit)
        }
        // Most bodies are one part.
        if whole.readableBytes == 0 { whole = part } else { whole.writeBuffer(&part) }
    }
    return whole
}

/// The same request with its body in memory, bounded.
///
/// - Throws: ``HTTPFault`` 413.
func bodyTaken(_ request: Request, _ context: KassaRequestContext) async throws -> Request {
    guard request.method == .post else { return request }
    var request = request
    request.body = RequestBody(buffer: try await readBody(request, context))
    return request
}

extension HTTPFault {
    /// 413; the connection closes, since the rest of the body is not read.
    static func bodyTooLarge(_ limit: Int) -> HTTPFault {
        HTTPFault(
            .contentTooLarge, "Request body is larger than \(limit) bytes",
            headers: [.connection: "close"])
    }
}

private func requireJSON(_ contentType: String?) throws(HTTPFault) {
    guard let contentType else { return }
    var parts = contentType.split(separator: ";").map { trimmed($0).lowercased() }[...]
    guard parts.popFirst() == "application/json" else { throw .notJSON }
    for parameter in parts where parameter.hasPrefix("charset=") {
        let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" }
        guard charset == "utf-8" || charset == "utf8" else { throw .notJSON }
    }
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
}

extension HTTPFault {
    fileprivate static var notJSON: HTTPFault {
        HTTPFault(.unsupportedMediaType, "Content-Type must be application/json in UTF-8")
    }
}
