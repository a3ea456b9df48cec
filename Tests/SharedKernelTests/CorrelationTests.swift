import SharedKernel
import Testing

@Suite struct CorrelationTests {
    @Test(
        arguments: [
            [:], ["x-request-id": "r1"],
            ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            ["x-request-id": "r1", "traceparent": "t", "tracestate": "s"],
        ] as [[String: String]])
    func `what is known survives the headers`(headers: [String: String]) {
        #expect(Correlation(headers: headers).headers == headers)
    }

    @Test func `other headers are ignored, and names are lower-case`() {
        let headers = ["authorization": "secret", "X-Request-ID": "r1", "traceparent": "t"]
        #expect(Correlation(headers: headers) == Correlation(traceparent: "t"))
        #expect(Correlation(headers: ["cookie": "a"]) == .none)
    }

    /// It would ride along to an outcome's message that AMQP then could not carry.
    @Test(arguments: ["", String(repeating: "x", count: 513), "a\u{1B}b", "é", "a\r\nb"])
    func `a value that cannot travel everywhere is dropped`(value: String) {
        #expect(Correlation(headers: ["x-request-id": value, "tracestate": value]) == .none)
    }

    @Test func `each header has its own property`() {
        let correlation = Correlation(
            headers: ["x-request-id": "r", "traceparent": "p", "tracestate": "s"])
        #expect(correlation == Correlation(requestID: "r", traceparent: "p", tracestate: "s"))
        #expect(correlation.headers.keys.sorted() == Correlation.headerNames.sorted())
    }
}

@Suite struct FaultTests {
    private struct Busy: TransientFault { let isTransient: Bool }
    private struct Broken: Error {}

    @Test func `only an error that says so may pass by itself`() {
        #expect(isTransient(Busy(isTransient: true)))
        #expect(!isTransient(Busy(isTransient: false)))
        #expect(!isTransient(Broken()))
    }

    @Test func `no error is its input's fault or of unknown outcome unless it says so`() {
        #expect(!concernsInput(Broken()) && !concernsInput(Busy(isTransient: false)))
        #expect(!isUncertain(Broken()) && !isUncertain(Busy(isTransient: true)))
    }
}
