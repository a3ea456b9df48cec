/// A service behind the gateway.
package struct Upstream: Sendable, Hashable {
    /// Its name for people: `Orders`.
    package let name: String
    /// Where it is, without a slash at the end: `http://127.0.0.1:8001`.
    package let url: String

    /// - Parameters: as the properties; a slash at the URL's end is dropped.
    package init(name: String, url: String) {
        self.name = name
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}

/// Why an upstream gave no answer; what is passed on to the caller depends on nothing else.
package struct UpstreamFault: Error, Equatable, CustomStringConvertible {
    /// The kinds that a caller can tell apart by status.
    package enum Kind: Sendable {
        /// Nobody is listening, so the request was certainly not taken: 503.
        case unavailable
        /// The connection broke, or what came was no HTTP. The request may have been taken: 502.
        case broken
        /// No answer in time. The request may have been taken: 504.
        case timedOut
    }

    /// Which of the kinds.
    package let kind: Kind
    /// Who.
    package let upstream: String
    /// What happened, for the log.
    package let reason: String

    /// Who, how and why, for the log.
    package var description: String { "\(upstream) \(kind): \(reason)" }
}
