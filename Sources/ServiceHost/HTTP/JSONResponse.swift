package import Hummingbird
package import JSON

extension JSONValue {
    /// The value as a response: compact JSON with Content-Type and Content-Length.
    package func response(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: encoded)))
    }
}
