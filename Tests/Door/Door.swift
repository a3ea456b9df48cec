import Access
import HTTPTypes
import Hummingbird
package import JSON
import Logging
import NIOCore
import NIOEmbedded
package import ServiceHost

/// A service's HTTP door without a network: what its router makes of a request.
package struct Door: Sendable {
    private let responder: RouterResponder<KassaRequestContext>

    /// - Parameter addRoutes: given the router that every daemon has.
    package init(_ addRoutes: (ServiceRouter) -> Void) {
        let router = ServiceRouter(
            readiness: Readiness(), metrics: MetricsRegistry(),
            access: AccessGuard(tokens: nil))
        addRoutes(router)
        responder = router.makeResponder()
    }

    /// An answer taken apart.
    package struct Answer: Sendable {
        /// Its status code.
        package let status: Int
        /// Its body as text.
        package let text: String
        private let fields: HTTPFields

        init(status: Int, text: String, fields: HTTPFields) {
            self.status = status
            self.text = text
            self.fields = fields
        }

        /// The body, where it is JSON.
        package var json: JSONValue { (try? JSONValue(parsing: Array(text.utf8))) ?? .null }

        /// The error's `detail`, where it is a string.
        package var detail: String? { json["detail"]?.string }

        /// The `type` of each wrong field, where `detail` is a list.
        package var wrongs: [String] {
            (json["detail"]?.array ?? []).compactMap { $0["type"]?.string }
        }

        /// A member of the body as it stands there: a string's text, a number's digits.
        package func member(_ name: String) -> String? {
            switch json[name] {
            case .string(let text), .number(let text): text
            default: nil
            }
        }

        /// A header.
        package func header(_ name: String) -> String? {
            HTTPField.Name(name).flatMap { fields[$0] }
        }

        /// Where the next page is, by the `Link` header.
        package var next: String? {
            guard let link = header("Link"), link.hasPrefix("<"),
                link.hasSuffix(">; rel=\"next\"")
            else { return nil }
            return String(link.dropFirst().prefix { $0 != ">" })
        }
    }

    /// A GET.
    package func get(_ target: String) async throws -> Answer {
        try await send(.get, target, body: nil)
    }

    /// A POST, with JSON where a body is given.
    package func post(
        _ target: String, _ body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(.post, target, body: body, headers: headers)
    }

    private func send(
        _ method: HTTPRequest.Method, _ target: String, body: String?,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields = HTTPFields()
        if body != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "x", path: target, headerFields: fields)
        let request = Request(
            head: head, body: RequestBody(buffer: ByteBuffer(string: body ?? "")))
        let source = ApplicationRequestContextSource(
            channel: NIOAsyncTestingChannel(),
            logger: Logger(label: "door") { _ in SwiftLogNoOpLogHandler() })
        let response = try await responder.respond(
            to: request, context: KassaRequestContext(source: source))
        let (parts, writer) = AsyncStream.makeStream(of: ByteBuffer.self)
        try await response.body.write(StreamWriter(parts: writer))
        var text = ""
        for await part in parts { text += String(buffer: part) }
        return Answer(status: response.status.code, text: text, fields: response.headers)
    }
}

/// Hands a response's body on.
private struct StreamWriter: ResponseBodyWriter {
    let parts: AsyncStream<ByteBuffer>.Continuation

    mutating func write(_ buffer: ByteBuffer) async throws { parts.yield(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { parts.finish() }
}
