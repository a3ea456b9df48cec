import HTTPTypes
import ServiceHost
import SharedKernel
import Testing

private func correlated(_ headers: HTTPFields) -> Correlation { correlation(of: headers) }

@Suite struct RequestCorrelationTests {
    private static let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `a request id that was given is kept`() {
        #expect(correlated([.requestID: "order-7"]).requestID == "order-7")
        let longest = String(repeating: "x", count: 128)
        #expect(correlated([.requestID: longest]).requestID == longest)
    }

    @Test(arguments: ["", "a b", "ü", String(repeating: "x", count: 129), "\u{7F}"])
    func `a request id that could do harm is replaced`(_ given: String) throws {
        let id = try #require(correlated([.requestID: given]).requestID)
        #expect(id != given)
        #expect(id.utf8.count == 32)
    }

    @Test func `requests without an id get different ones, whoever makes them`() async throws {
        let ids = await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { (0..<500).map { _ in correlated([:]).requestID } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 2_000)
        let digits = Set("0123456789abcdef")
        #expect(ids.allSatisfy { $0?.count == 32 && $0?.allSatisfy(digits.contains) == true })
        #expect(Set(ids.map { $0?.prefix(16) }).count == 1)
    }

    @Test(arguments: [
        valid, "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later",
    ])
    func `a valid traceparent is kept`(_ traceparent: String) {
        #expect(correlated([.traceparent: traceparent]).traceparent == traceparent)
    }

    @Test(arguments: [
        "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736000f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7001",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01later",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-"
            + String(repeating: "a", count: 201),
    ])
    func `a malformed traceparent is dropped, and tracestate with it`(_ traceparent: String) {
        let found = correlated([.traceparent: traceparent, .tracestate: "vendor=1"])
        #expect(found.traceparent == nil)
        #expect(found.tracestate == nil)
    }

    @Test(arguments: ["vendor=1", "a=1,b@c=2", "a=1, b=2 "])
    func `a valid tracestate is kept`(_ tracestate: String) {
        let found = correlated([.traceparent: Self.valid, .tracestate: tracestate])
        #expect(found.tracestate?.isEmpty == false)
    }

    @Test(arguments: [
        "novalue", "A=1", "a=b=c", "=1", "a=ü", String(repeating: "a=1,", count: 129),
    ])
    func `a malformed tracestate is dropped`(_ tracestate: String) {
        let found = correlated([.traceparent: Self.valid, .tracestate: tracestate])
        #expect(found.traceparent == Self.valid)
        #expect(found.tracestate == nil)
    }
}
