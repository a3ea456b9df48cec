package import HTTPTypes

extension HTTPField.Name {
    /// `Link` (RFC 8288), by which a list leads on.
    package static let link = known("Link")
    /// The request's id, on every request inside and on every response.
    package static let requestID = known("X-Request-ID")
    /// A key that makes repeating a POST harmless.
    package static let idempotencyKey = known("Idempotency-Key")
    /// `true` on an answer that was given before, under the same key.
    package static let idempotentReplayed = known("Idempotent-Replayed")

    /// What a browser tells other sites about where it comes from.
    package static let referrerPolicy = known("Referrer-Policy")
    /// For whom a service speaks.
    package static let kassaCaller = known("Kassa-Caller")
    /// What the caller for whom a service speaks may do.
    package static let kassaCallerRole = known("Kassa-Caller-Role")

    private static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else {
            preconditionFailure("\(name) is no header name")
        }
        return name
    }
}
