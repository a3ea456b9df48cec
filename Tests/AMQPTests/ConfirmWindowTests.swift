import Testing

@testable import AMQP

struct ConfirmWindowTests {
    private static func window(from firstTag: UInt64 = 1, queues: [String]) -> ConfirmWindow {
        var window = ConfirmWindow(firstTag: firstTag)
        for (index, queue) in queues.enumerated() {
            window.add(queue: queue, messageID: "m\(index)")
        }
        return window
    }

    @Test func `a confirm with multiple settles all before it`() {
        var window = Self.window(queues: ["q", "q", "q", "q"])
        window.settle(tag: 3, multiple: true, as: .confirmed)
        #expect(window.results == [.confirmed, .confirmed, .confirmed, nil])
        #expect(window.outstanding == 1)
    }

    @Test func `a single confirm settles its own tag only`() {
        var window = Self.window(queues: ["q", "q", "q"])
        window.settle(tag: 2, multiple: false, as: .confirmed)
        #expect(window.results == [nil, .confirmed, nil])
        window.settle(tag: 3, multiple: true, as: .refused)
        #expect(window.results == [.refused, .confirmed, .refused])
        #expect(window.outstanding == 0)
    }

    @Test func `a returned message stays returned when it is confirmed afterwards`() {
        var window = Self.window(queues: ["good", "gone", "good"])
        window.returned(queue: "gone", messageID: "m1", code: 312, text: "NO_ROUTE")
        #expect(window.outstanding == 3)
        window.settle(tag: 3, multiple: true, as: .confirmed)
        #expect(
            window.results == [.confirmed, .returned(code: 312, text: "NO_ROUTE"), .confirmed])
    }

    @Test func `the same message sent twice is returned twice`() {
        var window = ConfirmWindow(firstTag: 1)
        for _ in 0..<2 { window.add(queue: "gone", messageID: "same") }
        for _ in 0..<2 {
            window.returned(queue: "gone", messageID: "same", code: 312, text: "NO_ROUTE")
        }
        window.settle(tag: 2, multiple: true, as: .confirmed)
        #expect(
            window.results == Array(repeating: .returned(code: 312, text: "NO_ROUTE"), count: 2))
    }

    @Test func `answers to an earlier window are passed over`() {
        var window = Self.window(from: 10, queues: ["q", "q"])
        window.settle(tag: 9, multiple: true, as: .confirmed)
        window.settle(tag: 3, multiple: false, as: .refused)
        #expect(window.results == [nil, nil])
        #expect(window.outstanding == 2)
    }

    @Test func `an answer given twice counts once`() {
        var window = Self.window(queues: ["q", "q"])
        window.settle(tag: 1, multiple: false, as: .confirmed)
        window.settle(tag: 1, multiple: true, as: .refused)
        #expect(window.results == [.confirmed, nil])
        #expect(window.outstanding == 1)
    }

    @Test func `an answer to a tag that was never sent is passed over`() {
        var window = Self.window(queues: ["q"])
        window.settle(tag: 7, multiple: false, as: .confirmed)
        #expect(window.outstanding == 1)
        window.settle(tag: UInt64.max, multiple: true, as: .confirmed)
        #expect(window.results == [.confirmed])
    }
}
