package import Access
package import HTTPTypes
package import Hummingbird
package import JSON
package import Logging
package import NIOCore
package import SharedKernel

/// A request that is all there and whose caller was let in.
package struct BufferedRequest: Sendable {
    /// The header fields that a route reads, the correlation's as the door understood them.
    package let headers: HTTPFields
    /// The whole body.
    package let body: ByteBuffer
    /// Who makes it.
    package let caller: Caller
    /// The trip that it belongs to, with an id.
    package let correlation: Correlation
    /// What it may be.
    package let limits: RequestLimits
    private let logger: Logger

    /// - Parameters: as the properties.
    init(
        headers: HTTPFields, body: ByteBuffer, caller: Caller, correlation: Correlation,
        limits: RequestLimits, logger: Logger
    ) {
        self.headers = headers
        self.body = body
        self.caller = caller
        self.correlation = correlation
        self.limits = limits
        self.logger = logger
    }

    /// Logs with the request's id and its caller in every entry.
    package var requestLogger: Logger { logger.about(correlation, caller) }
}

/// An answer that is all there.
package struct BufferedResponse: Sendable {
    /// The status.
    package let status: HTTPResponse.Status
    /// The header fields, but for the ones that the door itself writes: length, id and date.
    package var headers: HTTPFields
    /// The whole body.
    package let body: ByteBuffer

    /// - Parameters: as the properties.
    package init(status: HTTPResponse.Status, headers: HTTPFields, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The same for a server that could also stream it.
    package var response: Response {
        Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

extension JSONValue {
    /// The value as a response: compact JSON with its Content-Type.
    package func bufferedResponse(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> BufferedResponse {
        var headers = headers
        headers[.contentType] = "application/json"
        return BufferedResponse(
            status: status, headers: headers, body: ByteBuffer(bytes: encoded))
    }
}
