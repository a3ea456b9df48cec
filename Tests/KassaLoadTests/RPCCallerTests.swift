import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import OrderServiceRPC
import SwiftProtobuf
import Testing

@testable import KassaLoad

@Suite struct RPCCallerTests {
    /// A connection of some clients, without the layer that makes bytes of frames.
    private final class Connection {
        let tally = LoadTally()
        let channel: EmbeddedChannel
        let pacer: Pacer

        init(clients: Int = 1, rate: Double? = nil) throws {
            var plan = LoadPlan(gateway: "")
            plan.duration = .seconds(3_600)
            plan.rate = rate
            plan.token = "kassa_1"
            let arrivals = Arrivals(plan, from: .now)
            channel = EmbeddedChannel()
            pacer = Pacer(channel.eventLoop)
            try channel.pipeline.syncOperations.addHandler(
                RPCCaller(
                    plan, clients: clients, arrivals: arrivals, tally: tally,
                    pacer: pacer))
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func sent() throws -> HTTP2Frame? { try channel.readOutbound(as: HTTP2Frame.self) }

        /// The stream and the message of the next call.
        func call() throws -> (stream: HTTP2StreamID, order: Orders_CreateOrderRequest)? {
            guard let head = try sent(), case .headers(let fields) = head.payload,
                let body = try sent(), case .data(let data) = body.payload,
                case .byteBuffer(let bytes) = data.data
            else { return nil }
            #expect(head.streamID == body.streamID && data.endStream && !fields.endStream)
            #expect(fields.headers.first(name: "authorization") == "Bearer kassa_1")
            let message = Array(bytes.readableBytesView)
            #expect(message[0] == 0 && Int(message[4]) == message.count - 5)
            return (
                head.streamID, try Orders_CreateOrderRequest(serializedBytes: Array(message[5...]))
            )
        }

        func answer(_ stream: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload) throws {
            try channel.writeInbound(HTTP2Frame(streamID: stream, payload: payload))
        }

        func end(_ stream: HTTP2StreamID, _ trailers: HPACKHeaders) throws {
            try answer(stream, .headers(.init(headers: trailers, endStream: true)))
        }

        func accept(_ stream: HTTP2StreamID) throws {
            var order = Orders_Order()
            order.orderID = "01a2033e-9796-7000-bcd0-34327d45d9d9"
            let message: [UInt8] = try order.serializedBytes()
            let bytes = ByteBuffer(bytes: [0, 0, 0, 0, UInt8(message.count)] + message)
            try answer(stream, .headers(.init(headers: [":status": "200"])))
            // In two parts, as a server may send it.
            for part in [bytes.getSlice(at: 0, length: 7), bytes.getSlice(at: 7, length: 36)] {
                let data = try #require(part)
                try answer(stream, .data(.init(data: .byteBuffer(data))))
            }
            try end(stream, ["grpc-status": "0"])
        }
    }

    @Test func `an accepted order is counted, and its client's next one goes out`() throws {
        let connection = try Connection(clients: 2)
        let first = try #require(try connection.call())
        let second = try #require(try connection.call())
        #expect(try connection.sent() == nil)
        #expect(first.stream == 1 && second.stream == 3)
        #expect(first.order.userID == "load-0" && first.order.amount == 1.25)
        #expect(second.order.userID == "load-1")
        try connection.accept(3)
        #expect(connection.tally.current.accepted == 1)
        let third = try #require(try connection.call())
        #expect(third.stream == 5 && third.order.userID == "load-2")
    }

    @Test(arguments: [
        ("14", ["unavailable": 1]), ("3", ["invalidArgument": 1]), ("0", ["OK without an id": 1]),
        ("4", [:]), ("1", [:]), ("2", [:]), ("99", [:]),
    ]) func `a refusal has its code's name, and what may have been carried out is unanswered`(
        status: String, refused: [String: Int]
    ) throws {
        let connection = try Connection()
        try connection.end(1, [":status": "200", "grpc-status": status])
        let counts = connection.tally.current
        #expect(counts.refused == refused)
        #expect(counts.unanswered == (refused.isEmpty ? 1 : 0))
    }

    @Test func `a reset is no answer, unless it says that nothing was done`() throws {
        let connection = try Connection(clients: 2)
        try connection.answer(1, .rstStream(.refusedStream))
        try connection.answer(3, .rstStream(.internalError))
        let counts = connection.tally.current
        #expect(counts.refused == ["unavailable": 1] && counts.unanswered == 1)
    }

    @Test func `a refused client waits before it comes back`() throws {
        let connection = try Connection()
        _ = try connection.call()
        try connection.end(1, [":status": "200", "grpc-status": "14"])
        #expect(try connection.sent() == nil)
        connection.channel.embeddedEventLoop.advanceTime(by: .milliseconds(150))
        #expect(try connection.call()?.stream == 3)
    }

    @Test func `a silent call is taken back after the deadline, and the next one goes out`() throws
    {
        let connection = try Connection()
        _ = try connection.call()
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(try connection.sent() == nil)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        let reset = try #require(try connection.sent())
        guard case .rstStream(.cancel) = reset.payload else {
            Issue.record("\(reset)")
            return
        }
        #expect(reset.streamID == 1 && connection.tally.current.unanswered == 1)
        #expect(try connection.call()?.stream == 3)
        // Too late: it counts for nobody.
        try connection.accept(1)
        #expect(connection.tally.current.accepted == 0)
    }

    @Test func `a server that goes away gets no more calls, and its answers count`() throws {
        let connection = try Connection(clients: 2)
        while try connection.sent() != nil {}
        try connection.answer(
            .rootStream, .goAway(lastStreamID: 3, errorCode: .noError, opaqueData: nil))
        try connection.accept(1)
        #expect(try connection.sent() == nil)
        #expect(connection.channel.isActive)
        try connection.end(3, ["grpc-status": "14"])
        #expect(!connection.channel.isActive)
        let counts = connection.tally.current
        #expect(counts.accepted == 1 && counts.refused == ["unavailable": 1])
        #expect(counts.unanswered == 0)
    }

    @Test func `a connection that breaks leaves its orders unanswered, but not those unsent`()
        throws
    {
        let connection = try Connection(clients: 3, rate: 0.001)
        _ = try connection.call()
        #expect(connection.pacer.waitingCount == 2)
        _ = try connection.channel.finish()
        #expect(connection.tally.current.sent == 1)
        #expect(connection.tally.current.unanswered == 1)
        #expect(connection.pacer.waitingCount == 0)
    }

    @Test func `nobody waits for an order on a connection whose server goes away`() throws {
        let connection = try Connection(clients: 3, rate: 0.001)
        _ = try connection.call()
        try connection.answer(
            .rootStream, .goAway(lastStreamID: 1, errorCode: .noError, opaqueData: nil))
        #expect(connection.channel.isActive && connection.pacer.waitingCount == 0)
        try connection.accept(1)
        #expect(!connection.channel.isActive && connection.tally.current.accepted == 1)
    }

    @Test func `the server hears how much of its answers was read`() throws {
        let connection = try Connection()
        while try connection.sent() != nil {}
        let part = ByteBuffer(repeating: 0, count: 10_000)
        try connection.answer(1, .data(.init(data: .byteBuffer(part))))
        #expect(try connection.sent() == nil)
        try connection.answer(1, .data(.init(data: .byteBuffer(part))))
        let frame = try #require(try connection.sent())
        guard case .windowUpdate(20_000) = frame.payload else {
            Issue.record("\(frame)")
            return
        }
        #expect(frame.streamID == .rootStream)
    }
}
