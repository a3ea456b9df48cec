package import Access
package import HTTPTypes
package import NIOCore

/// A request to a service.
package struct UpstreamRequest: Sendable {
    /// The method.
    package let method: HTTPRequest.Method
    /// Path and query, percent-encoded: `/orders?limit=3`.
    package let target: String
    /// The caller's header fields; hop-by-hop ones are left out on the way.
    package let headers: HTTPFields
    /// The whole body.
    package let body: ByteBuffer
    /// For whom it is made.
    package let caller: Caller

    /// - Parameters: as the properties.
    package init(
        method: HTTPRequest.Method, target: String, headers: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(), caller: Caller = .anonymous
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.caller = caller
    }
}

/// A service's answer.
package struct UpstreamResponse: Sendable {
    /// How the body comes.
    package enum Body: Sendable {
        /// All there.
        case whole(ByteBuffer)
        /// Still coming; bytes in all where the service said so.
        case streamed(length: Int?, StreamedBody)
    }

    /// The status.
    package let status: HTTPResponse.Status
    /// The service's header fields without hop-by-hop ones.
    package let headers: HTTPFields
    /// The body.
    package let body: Body
}
