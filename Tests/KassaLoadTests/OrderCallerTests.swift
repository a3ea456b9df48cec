import NIOCore
import NIOEmbedded
import NIOHTTP1
import SharedKernel
import Testing

@testable import KassaLoad

@Suite struct OrderCallerTests {
    /// A client on a connection of its own, which asks for two orders.
    private final class Client {
        let tally = LoadTally()
        let channel: EmbeddedChannel

        init(rate: Double? = nil) throws {
            var plan = LoadPlan(gateway: "http://shop:1")
            plan.duration = .seconds(3_600)
            plan.rate = rate
            plan.token = "kassa_1"
            let arrivals = Arrivals(plan, from: .now)
            channel = EmbeddedChannel(
                handler: OrderCaller(plan, host: "shop:1", arrivals: arrivals, tally: tally))
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func sent() throws -> (head: HTTPRequestHead, body: String)? {
            guard
                case .head(let head) = try channel.readOutbound(as: HTTPClientRequestPart.self),
                case .body(.byteBuffer(let body)) = try channel.readOutbound(
                    as: HTTPClientRequestPart.self),
                case .end = try channel.readOutbound(as: HTTPClientRequestPart.self)
            else { return nil }
            return (head, String(buffer: body))
        }

        func answer(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:]) throws {
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            try channel.writeInbound(HTTPClientResponsePart.head(head))
            try channel.writeInbound(HTTPClientResponsePart.end(nil))
        }
    }

    @Test func `an accepted order is counted, and the next one goes out`() throws {
        let client = try Client()
        let first = try #require(try client.sent())
        #expect(first.head.method == .POST && first.head.uri == "/orders")
        #expect(first.head.headers.first(name: "authorization") == "Bearer kassa_1")
        #expect(first.body == #"{"user_id":"load-0","amount":1.25,"description":"load"}"#)
        #expect(
            first.head.headers.first(name: "content-length") == "\(first.body.utf8.count)")
        try client.answer(
            .created, ["Location": "/orders/01a2033e-9796-7000-bcd0-34327d45d9d9"])
        #expect(client.tally.current.accepted == 1)
        #expect(try #require(try client.sent()).body.contains("load-1"))
    }

    @Test func `a refused client waits before it comes back`() throws {
        let client = try Client()
        _ = try client.sent()
        try client.answer(.serviceUnavailable)
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

    @Test func `a silent server is given up at the deadline`() throws {
        let client = try Client()
        _ = try client.sent()
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(!client.channel.isActive)
        #expect(client.tally.current.unanswered == 1)
    }

    @Test func `an order that is not due yet waits for its time`() throws {
        let client = try Client(rate: 0.001)
        _ = try #require(try client.sent())
        try client.answer(
            .created, ["Location": "/orders/01a2033e-9796-7000-bcd0-34327d45d9d9"])
        #expect(try client.sent() == nil)
    }
}
