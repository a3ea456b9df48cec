import HTTPTypes
import NIOCore

extension Benchmark {
    /// What the way between gateway and service costs beside the bodies.
    ///
    /// The sources are ServiceHost's own, by links in Borrowed: to build the whole room, with its
    /// HTTP server and TLS, for two of its files would take ten times as long.
    static var requests: [Benchmark] {
        get throws { try batches() + [trace()] }
    }

    private static func batches() throws -> [Benchmark] {
        var headers: HTTPFields = [.contentType: "application/json"]
        for (name, value) in Samples.headers.sorted(by: { $0.key < $1.key }) {
            guard let name = HTTPField.Name(name) else { throw Unexpected() }
            headers[name] = value
        }
        let message = MessageBatch.Message(
            headers: headers, body: ByteBuffer(string: Samples.requestText))
        // A quarter of what may be: enough for what a request costs, as it was from the beginning.
        let messages = Array(repeating: message, count: 64)
        let bytes = MessageBatch(messages).encoded
        return [
            Benchmark("batch-write", "64 requests as one message to a service") {
                MessageBatch(messages).encoded
            },
            Benchmark("batch-read", "64 requests that came as one message") {
                try MessageBatch(parsing: bytes)
            },
        ]
    }

    private static func trace() -> Benchmark {
        let parent = Samples.headers["traceparent"] ?? ""
        let state = Samples.headers["tracestate"] ?? ""
        return Benchmark("trace-check", "whether traceparent and tracestate follow W3C") {
            TraceContext.isTraceparent(parent) && TraceContext.isTracestate(state)
        }
    }
}
