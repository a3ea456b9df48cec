package import HTTPTypes
package import SharedKernel
import Synchronization

/// Reads from its header fields what ties a request's trip together; an id is made where none, or
/// a hostile one, was given.
///
/// Inside a route the same request always gives the same answer: the router writes what it made
/// into its fields.
package func correlation(of headers: HTTPFields) -> Correlation {
    let given = headers[.requestID].flatMap { isRequestID($0) ? $0 : nil }
    var correlation = Correlation(requestID: given ?? newRequestID())
    // tracestate without traceparent means nothing (W3C Trace Context, section 3.3).
    if let traceparent = headers[.traceparent], TraceContext.isTraceparent(traceparent) {
        correlation.traceparent = traceparent
        if let tracestate = headers[.tracestate], TraceContext.isTracestate(tracestate) {
            correlation.tracestate = tracestate
        }
    }
    return correlation
}

/// 1 to 128 visible ASCII characters: it goes into logs, headers and rows.
private func isRequestID(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
}

/// 32 hexadecimal digits that nobody has used: half of them are this process's, by chance, and half
/// are counted. They are no secret, and the kernel's randomness for each costs a flood's refusal
/// two calls.
func newRequestID() -> String {
    let digits = StaticString("0123456789abcdef")
    return String(unsafeUninitializedCapacity: 32) { text in
        let halves = (ownHalf, requestsWithNewID.wrappingAdd(1, ordering: .relaxed).newValue)
        for place in 0..<16 {
            let shift = 60 - 4 * place
            text[place] = digits.utf8Start[Int(halves.0 >> shift & 0xF)]
            text[16 + place] = digits.utf8Start[Int(halves.1 >> shift & 0xF)]
        }
        return 32
    }
}

private let ownHalf = UInt64.random(in: .min ... .max)
private let requestsWithNewID = Atomic<UInt64>(0)

extension HTTPFields {
    /// Sets the three correlation headers to exactly what is known.
    package mutating func set(_ correlation: Correlation) {
        self[.requestID] = correlation.requestID
        self[.traceparent] = correlation.traceparent
        self[.tracestate] = correlation.tracestate
    }
}
