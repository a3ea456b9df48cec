import Messaging
import SharedKernel
import Testing

@testable import MessagingLive

struct MessageBundleTests {
    private static func message(
        _ number: Int, headers: [String: String] = [:], payload: String = #"{"a":"b"}"#
    ) throws -> OutboxMessage {
        OutboxMessage(
            id: try #require(MessageID("00000000-0000-7000-8000-00000000000\(number)")),
            type: "order_created", payload: Array(payload.utf8), headers: headers,
            createdAt: Timestamp(microseconds: 1_795_000_000_500_000), attempts: 0)
    }

    private static func bundle(
        _ text: String, headers: [String: String] = [:], excess: Delivery.Excess? = nil
    ) -> Delivery {
        Delivery(
            messageID: nil, type: "bundle", body: Array(text.utf8), excess: excess,
            headers: headers, isRedelivered: true, sender: "orders", queue: "order_created")
    }

    @Test func `what a bundle is made of comes out of it, as if each had come alone`() throws {
        let messages = [
            try Self.message(1, headers: ["traceparent": "00-ab-cd-01", "x-request-id": "é\"\n"]),
            try Self.message(2, payload: #"{"description":"a \"quoted\" one\nand 😀"}"#),
        ]
        let bytes = try messages.flatMap { try #require(MessageBundle.lines(of: $0)) }
        let opened = MessageBundle.opened(
            Self.bundle(
                String(decoding: bytes, as: UTF8.self), headers: ["published-by": "vm:1"]),
            from: "order_created")
        #expect(
            opened
                == messages.map { message in
                    Delivery(
                        messageID: message.id, type: message.type, body: message.payload,
                        headers: message.headers.merging(["published-by": "vm:1"]) { own, _ in own
                        }, isRedelivered: true, sender: "orders", queue: "order_created")
                })
    }

    @Test func `a line that names a message is JSON, with the properties' values`() throws {
        let lines = try #require(MessageBundle.lines(of: try Self.message(7)))
        #expect(
            String(decoding: lines, as: UTF8.self)
                == #"{"message_id":"00000000-0000-7000-8000-000000000007","#
                + #""type":"order_created","timestamp":1795000000}"# + "\n" + #"{"a":"b"}"# + "\n")
    }

    @Test func `a body of several lines goes alone`() throws {
        #expect(MessageBundle.lines(of: try Self.message(1, payload: "{\n}")) == nil)
    }

    @Test(arguments: [
        "", "\n\n", "{}", "{}\n{}\n{}\n", "no JSON\n{}\n", "[]\n{}\n",
        String(repeating: "{}\n{}\n", count: 129),
    ])
    func `what is no bundle stays as it came`(text: String) {
        let delivery = Self.bundle(text)
        #expect(MessageBundle.opened(delivery, from: "order_created") == [delivery])
    }

    @Test func `of a bundle that is not whole nothing is taken`() {
        let delivery = Self.bundle(
            "{}\n{}\n", excess: Delivery.Excess(length: 70_000, sha256: [1]))
        #expect(MessageBundle.opened(delivery, from: "order_created") == [delivery])
    }

    @Test func `a message without an id or a type is still a message`() {
        let opened = MessageBundle.opened(
            Self.bundle("{\"message_id\":\"tea\"}\nnonsense\n{}\n{}\n"), from: "order_created")
        #expect(opened.map(\.messageID) == [nil, nil])
        #expect(opened.map(\.type) == [nil, nil])
        #expect(opened.map(\.body) == [Array("nonsense".utf8), Array("{}".utf8)])
    }
}
