import NIOCore
import NIOEmbedded
import SharedKernel
import Testing

@testable import KassaLoad

@Suite struct OrderCallerTests {
    /// A client on a connection of its own, which asks for two orders.
    private final class Client {
        let tally = LoadTally()
        let channel: EmbeddedChannel
        let pacer: Pacer

        init(rate: Double? = nil) throws {
            var plan = LoadPlan(gateway: "http://shop:1")
            plan.duration = .seconds(3_600)
            plan.rate = rate
            plan.token = "kassa_1"
            let arrivals = Arrivals(plan, from: .now)
            channel = EmbeddedChannel()
            pacer = Pacer(channel.eventLoop)
            try channel.pipeline.syncOperations.addHandler(
                OrderCaller(
                    plan, OrderRequest(plan, host: "shop:1"), arrivals: arrivals, tally: tally,
                    pacer: pacer))
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func sent() throws -> (head: String, body: String)? {
            guard let bytes = try channel.readOutbound(as: ByteBuffer.self) else { return nil }
            let parts = String(buffer: bytes).split(separator: "\r\n\r\n", maxSplits: 1)
            return (String(parts[0]), String(parts[1]))
        }

        func answer(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
        }

        func accept() throws {
            try answer(
                "HTTP/1.1 201 Created\r\ncontent-length: 2\r\nlocation: "
                    + "/orders/01a2033e-9796-7000-bcd0-34327d45d9d9\r\n\r\n{}")
        }
    }

    @Test func `an accepted order is counted, and the next one goes out`() throws {
        let client = try Client()
        let first = try #require(try client.sent())
        #expect(first.body == #"{"user_id":"load-0","amount":1.25,"description":"load"}"#)
        #expect(
            first.head == """
                POST /orders HTTP/1.1\r
                Host: shop:1\r
                Content-Type: application/json\r
                Authorization: Bearer kassa_1\r
                Content-Length: \(first.body.utf8.count)
                """)
        try client.accept()
        #expect(client.tally.current.accepted == 1)
        #expect(try #require(try client.sent()).body.contains("load-1"))
    }

    @Test func `the length that is told is the body's, however long the account's name`() throws {
        var plan = LoadPlan(gateway: "")
        plan.accountPrefix = #"a"b"#
        plan.accounts = 5_000
        var bytes = ByteBuffer()
        OrderRequest(plan, host: "shop").write(6_234, into: &bytes)
        let text = String(buffer: bytes)
        let body = #"{"user_id":"a\"b-1234","amount":1.25,"description":"load"}"#
        #expect(text.hasSuffix("\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"))
    }

    @Test func `a refused client waits before it comes back`() throws {
        let client = try Client()
        _ = try client.sent()
        try client.answer(
            "HTTP/1.1 503 Busy\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n")
        #expect(client.tally.current.refused == ["503": 1])
        #expect(try client.sent() == nil)
        client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(150))
        #expect(try client.sent() != nil)
    }

    @Test func `a connection that breaks leaves its order unanswered`() throws {
        let client = try Client()
        _ = try client.sent()
        _ = try client.channel.finish()
        #expect(client.tally.current.unanswered == 1)
    }

    @Test func `a connection that the answer ends is given up, and nothing more is sent`() throws {
        let client = try Client()
        _ = try client.sent()
        try client.answer("HTTP/1.1 500 Oh\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        #expect(!client.channel.isActive)
        let counts = client.tally.current
        #expect(counts.sent == 1 && counts.refused == ["500": 1] && counts.unanswered == 0)
    }

    @Test func `an answer to nothing ends the connection`() throws {
        let client = try Client(rate: 0.001)
        _ = try client.sent()
        try client.accept()
        try client.accept()
        #expect(!client.channel.isActive)
        #expect(client.tally.current.accepted == 1)
    }

    @Test func `a silent server is given up after the deadline, not before`() throws {
        let client = try Client()
        _ = try client.sent()
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(client.channel.isActive)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!client.channel.isActive)
        #expect(client.tally.current.unanswered == 1)
    }

    @Test func `an order that is not due yet waits for its time`() throws {
        let client = try Client(rate: 0.001)
        _ = try #require(try client.sent())
        try client.accept()
        #expect(try client.sent() == nil)
        // Nor does a timer that is early let it go.
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        #expect(try client.sent() == nil && client.channel.isActive)
    }

    @Test func `a client that has long had nothing to do connects anew, before it is left`() throws
    {
        let client = try Client(rate: 0.001)
        _ = try client.sent()
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        try client.accept()
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(14))
        #expect(client.channel.isActive && client.pacer.waitingCount == 1)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(17))
        #expect(!client.channel.isActive && client.pacer.waitingCount == 0)
        let counts = client.tally.current
        #expect(counts.accepted == 1 && counts.unanswered == 0)
    }
}
