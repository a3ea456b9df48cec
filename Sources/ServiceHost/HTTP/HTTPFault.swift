package import Hummingbird
package import JSON

/// An answer that is no success, in the contract's error shape: `{"detail": …}`.
package struct HTTPFault: Error, HTTPResponseError, Equatable {
    /// The answer's status.
    package let status: HTTPResponse.Status
    /// A string, or for 422 a list of ``FieldError/json``.
    package let detail: JSONValue
    /// Headers besides Content-Type and Content-Length.
    package let headers: HTTPFields

    /// - Parameters:
    ///   - status: the answer's status.
    ///   - detail: one sentence for people; it is shown to the caller.
    ///   - headers: more headers, such as `Allow`.
    package init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.init(status: status, detail: .string(detail), headers: headers)
    }

    private init(status: HTTPResponse.Status, detail: JSONValue, headers: HTTPFields) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// 422 with every wrong member of the request.
    package static func invalid(_ errors: [FieldError]) -> HTTPFault {
        HTTPFault(
            status: .unprocessableContent, detail: .array(errors.map(\.json)), headers: [:])
    }

    /// 503 with `Retry-After`.
    ///
    /// - Parameter retryAfter: seconds until another try makes sense.
    package static func unavailable(_ detail: String, retryAfter: Int = 1) -> HTTPFault {
        HTTPFault(.serviceUnavailable, detail, headers: [.retryAfter: String(retryAfter)])
    }

    /// The fault as it goes to the caller.
    package var response: Response { bufferedResponse.response }

    /// The same for whoever needs it whole.
    package var bufferedResponse: BufferedResponse {
        let body: JSONValue = ["detail": detail]
        return body.bufferedResponse(status, headers: headers)
    }

    /// Hummingbird's way to ask for ``response``.
    package func response(from request: Request, context: some RequestContext) -> Response {
        response
    }
}
