package import Access
package import Hummingbird
import JSON
package import SharedKernel

extension IdempotencyKey {
    /// Reads the key that a request has, over HTTP or gRPC.
    ///
    /// - Parameter header: the value of `Idempotency-Key`; nil where there is none, several joined
    ///   by commas and so refused.
    /// - Throws: ``HTTPFault`` 422 where it is no key.
    package static func read(
        _ header: String?, of caller: Caller
    ) throws(HTTPFault) -> IdempotencyKey? {
        guard let header else { return nil }
        do throws(ParseError) {
            return try IdempotencyKey(header, of: caller.name)
        } catch {
            let pattern = "^[!-~]{1,\(characterLimit)}$"
            throw HTTPFault.invalid([
                FieldError(
                    type: "string_pattern_mismatch", loc: HTTPFault.keyLocation,
                    msg: "String should match pattern '\(pattern)'", input: .string(header),
                    ctx: ["pattern": .string(pattern)])
            ])
        }
    }
}

extension BufferedRequest {
    /// The request's `Idempotency-Key`, its caller's own; nil where it has none.
    ///
    /// - Throws: ``HTTPFault`` 422 where it is no key.
    package var idempotencyKey: IdempotencyKey? {
        get throws(HTTPFault) {
            try IdempotencyKey.read(headers[.idempotencyKey], of: caller)
        }
    }
}

extension KassaRequestContext {
    /// The request's `Idempotency-Key`, its caller's own; nil where it has none.
    ///
    /// - Throws: ``HTTPFault`` 422 where it is no key.
    package func idempotencyKey(of request: Request) throws(HTTPFault) -> IdempotencyKey? {
        try IdempotencyKey.read(request.headers[.idempotencyKey], of: caller)
    }
}

extension Idempotent {
    /// The answer as a response, the same each time; one that is given again says so.
    ///
    /// - Throws: ``HTTPFault`` 422 where the key stands for another request.
    package func response(
        _ response: (Answer) -> BufferedResponse
    ) throws(HTTPFault) -> BufferedResponse {
        switch self {
        case .first(let answer): return response(answer)
        case .replayed(let answer):
            var again = response(answer)
            again.headers[.idempotentReplayed] = "true"
            return again
        case .keyReused: throw .keyReused
        }
    }
}

extension HTTPFault {
    fileprivate static let keyLocation: [JSONValue] = ["header", "Idempotency-Key"]

    /// 422: the key was sent before, with another request.
    package static let keyReused = HTTPFault.invalid([
        FieldError(
            type: "idempotency_key_reused", loc: keyLocation,
            msg: "The key was used for another request", input: .null)
    ])

    /// 409 with `Retry-After`: the first request under the key is still under way.
    package static let keyIsBusy = HTTPFault(
        .conflict, "A request with this Idempotency-Key is still under way",
        headers: [.retryAfter: "1"])
}
