package import Hummingbird
package import JSON

extension JSONValue {
    /// The value as a response: compact JSON with Content-Type and Content-Length.
    package func response(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        bufferedResponse(status, headers: headers).response
    }
}
