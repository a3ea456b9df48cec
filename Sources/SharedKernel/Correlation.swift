/// What ties the parts of one trip together across processes: the request's id and its W3C trace
/// context.
///
/// It rides on HTTP headers, gRPC metadata, outbox rows and AMQP headers alike, and decides
/// nothing.
package struct Correlation: Hashable, Sendable {
    /// `X-Request-ID`, as given by the caller or made at the first door.
    package var requestID: String?
    /// `traceparent` of the W3C Trace Context recommendation.
    package var traceparent: String?
    /// `tracestate` of the same.
    package var tracestate: String?

    /// Nothing known.
    package static let none = Correlation()

    /// - Parameters: as the properties.
    package init(requestID: String? = nil, traceparent: String? = nil, tracestate: String? = nil) {
        self.requestID = requestID
        self.traceparent = traceparent
        self.tracestate = tracestate
    }

    /// The header names, lower-case, in one fixed order.
    package static let headerNames = ["x-request-id", "traceparent", "tracestate"]

    /// Reads the three headers; other names are ignored, and so is a value that is not 1 to 512
    /// characters of printable ASCII: it would ride along to places that cannot carry it.
    package init(headers: [String: String]) {
        func value(_ name: String) -> String? {
            headers[name].flatMap { text in
                (1...512).contains(text.utf8.count) && text.isWithin(0x20...0x7E) ? text : nil
            }
        }
        self.init(
            requestID: value("x-request-id"), traceparent: value("traceparent"),
            tracestate: value("tracestate"))
    }

    /// The headers that are known.
    package var headers: [String: String] {
        var headers: [String: String] = [:]
        headers["x-request-id"] = requestID
        headers["traceparent"] = traceparent
        headers["tracestate"] = tracestate
        return headers
    }
}
