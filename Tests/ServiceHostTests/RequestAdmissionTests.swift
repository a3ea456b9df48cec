import HTTPTypes
import JSON
import Logging
import Metrics
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Synchronization
import TestSupport
import Testing

@testable import ServiceHost

/// Who gets a place in the gate, and when it is given back: on a connection that is told its bytes,
/// and through a whole door.
@Suite struct RequestAdmissionTests {
    // MARK: On a connection

    @Test func `as many whole requests as there is room for get a place, and the next is refused`()
        throws
    {
        let gate = RequestGate(2)
        let connections = try (0..<4).map { _ in try Connection(gate) }
        // All of them come before any of them is worked on.
        for connection in connections { try connection.receive(Self.order) }
        #expect(gate.count == 2)
        #expect(try connections.map { try $0.requests() } == [1, 1, 0, 0])
        for connection in connections.suffix(2) {
            let answer = Answer(try connection.sent())
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] == "1")
            #expect(answer.fields["content-length"] == "\(answer.body.utf8.count)")
            #expect(answer.body == #"{"detail":"Too busy, try again"}"#)
        }
    }

    @Test func `a connection is refused again and again, by another id each time, and stays`()
        throws
    {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate)
        var ids: Set<String?> = []
        for _ in 0..<3 {
            try connection.receive(Self.order)
            let answer = Answer(try connection.sent())
            #expect(answer.status == 503)
            ids.insert(answer.fields["x-request-id"])
        }
        #expect(ids.count == 3 && !ids.contains(nil))
        // They are plain, and were not decoded.
        #expect(connection.decoder.reads == 0)
        gate.leave()
        try connection.receive(Self.order)
        #expect(try connection.requests() == 1)
        #expect(gate.count == 1)
    }

    @Test func `a place is given back with the answer, or with the connection`() throws {
        let gate = RequestGate(2)
        let (answered, closed) = (try Connection(gate), try Connection(gate))
        try answered.receive(Self.order)
        try closed.receive(Self.order)
        #expect(gate.count == 2)
        try answered.answer()
        #expect(gate.count == 1)
        closed.channel.pipeline.fireChannelInactive()
        #expect(gate.count == 0)
    }

    @Test func `a place that was handed over is given back by neither`() throws {
        let gate = RequestGate(3)
        let (answered, closed) = (try Connection(gate), try Connection(gate))
        for connection in [answered, closed] {
            try connection.receive(Self.order)
            #expect(connection.admission.handOver())
            #expect(!connection.admission.handOver())
        }
        try answered.answer()
        closed.channel.pipeline.fireChannelInactive()
        #expect(gate.count == 2)
    }

    @Test func `a request that comes slowly takes no place before it is whole`() throws {
        let gate = RequestGate(1)
        let (slow, quick) = (try Connection(gate), try Connection(gate))
        try slow.receive("POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        #expect(gate.count == 0)
        try quick.receive(Self.order)
        #expect(gate.count == 1)
        try slow.receive("}")
        // Its route asks the gate and refuses it.
        #expect(try slow.requests() == 1)
        #expect(!slow.admission.handOver())
        #expect(gate.count == 1)
    }

    @Test func `a request whose route asked before it was whole takes no second place`() throws {
        let gate = RequestGate(2)
        let slow = try Connection(gate)
        try slow.receive("POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        #expect(!slow.admission.handOver())
        try slow.receive("}")
        #expect(gate.count == 0)
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /orders/batch HTTP/1.1\r\nHost: x\r\nContent-Type: \(MessageBatch.mediaType)\r\n"
            + "Content-Length: 0\r\n\r\n",
    ])
    func `what takes no place is let in where there is none`(_ request: String) throws {
        let gate = RequestGate(1)
        let connection = try Connection(gate)
        try connection.receive(request)
        #expect(gate.count == 0)
        #expect(gate.enter())
        let late = try Connection(gate)
        try late.receive(request)
        #expect(try late.requests() == 1)
        #expect(gate.count == 1)
    }

    @Test(arguments: [
        "HEAD /orders HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
        "GET /orders HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
    ])
    func `what has to be refused in another way is left to the route`(_ request: String) throws {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate)
        try connection.receive(request)
        #expect(try connection.requests() == 1)
        #expect(!connection.admission.handOver())
        #expect(gate.count == 1)
    }

    @Test(arguments: [[order + order], [order, order]])
    func `a request behind another keeps its turn and is not refused before it`(
        _ pieces: [String]
    ) throws {
        let gate = RequestGate(1)
        let connection = try Connection(gate)
        for piece in pieces { try connection.receive(piece) }
        #expect(try connection.requests() == 2)
        #expect(try connection.sent() == "")
        #expect(connection.admission.handOver())
        try connection.answer()
        #expect(!connection.admission.handOver())
    }

    @Test(arguments: [
        [order], [String(order.prefix(30)), String(order.dropFirst(30))],
        [String(order.dropLast()), "}"], ["GET /orders HTTP/1.1\r\nHost: x\r\nX-Else: y\r\n\r\n"],
    ])
    func `one without room is refused once, plain or not, and so is the next`(_ pieces: [String])
        throws
    {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate)
        for request in [pieces, [Self.order]] {
            for piece in request.dropLast() { try connection.receive(piece) }
            #expect(try connection.sent() == "")
            try connection.receive(try #require(request.last))
            #expect(try connection.sent().split(separator: "HTTP/1.1 503").count == 1)
        }
        #expect(try connection.requests() == 0)
    }

    @Test func `who takes no answers is not refused in front of his route`() throws {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate)
        connection.channel.isWritable = false
        for request in [Self.order, Self.order.replacing("Host", with: "X-Else: y\r\nHost")] {
            try connection.receive(request)
            #expect(try connection.requests() == 1)
            #expect(try connection.sent() == "")
        }
    }

    @Test func `what comes during a shutdown is not refused in front of the guard`() throws {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try connection.receive(Self.order)
        #expect(try connection.requests() == 1)
        #expect(try connection.sent() == "")
    }

    @Test func `who is beyond the limit of connections is refused by the guard`() throws {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate, connections: 0)
        #expect(throws: HTTPParserError.self) { try connection.receive(Self.order) }
        #expect(connection.decoder.reads == 1)
        #expect(try connection.sent() == "")
    }

    @Test func `bytes that look like a request and belong to another are that one's`() throws {
        let gate = RequestGate(1)
        #expect(gate.enter())
        let connection = try Connection(gate)
        // It has to be refused in another way, by its route.
        try connection.receive("HEAD /orders HTTP/1.1\r\nAccept: ")
        try connection.receive(Self.order)
        #expect(try connection.requests() == 1)
        #expect(try connection.sent() == "")
    }

    private static let order =
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"

    // MARK: Through a door

    @Test func `a head that trickles after a refusal gets 408 by its deadline`() async throws {
        var deadlines = HTTPServer.Limits()
        deadlines.headDeadline = .milliseconds(200)
        try await Self.withSlowDoor(deadlines) { door, entered, release in
            async let slow = door.get("/slow")
            for await _ in entered { break }
            let told = try await door.connect { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.order))
                var received = ""
                for try await part in inbound {
                    received += String(buffer: part)
                    if received.hasSuffix("try again\"}") {
                        try await outbound.write(ByteBuffer(string: "GET /slow HTTP/1.1\r\nHost"))
                    }
                }
                return received
            }
            #expect(told.hasPrefix("HTTP/1.1 503") && told.contains("HTTP/1.1 408"))
            release()
            _ = try await slow
        }
    }

    @Test func `a caller who leaves takes the place of his request with him only when it is done`()
        async throws
    {
        try await Self.withSlowDoor { door, entered, release in
            try await door.connect { _, outbound in
                try await outbound.write(
                    ByteBuffer(string: "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"))
                for await _ in entered { break }
            }
            let refused = try await door.get("/slow")
            #expect(refused.status == 503)
            release()
            try await eventually("there is room again") {
                try await door.get("/slow").status == 200
            }
        }
    }

    /// A door with room for one request, whose `/slow` tells when it is entered and waits for its
    /// release, whatever becomes of the caller.
    private static func withSlowDoor(
        _ deadlines: HTTPServer.Limits = HTTPServer.Limits(),
        _ body:
            @escaping @Sendable (
                _ door: Door, _ entered: AsyncStream<Void>, _ release: @Sendable () -> Void
            ) async throws -> Void
    ) async throws {
        var limits = RequestLimits()
        limits.atOnce = 1
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (leave, release) = AsyncStream.makeStream(of: Void.self)
        try await Door.open(limits: deadlines, requests: limits) { router in
            router.get("/slow") { _, _ in
                enter.yield()
                await Task { for await _ in leave { break } }.value
                return JSONValue.string("done").response()
            }
        } _: { door in
            try await body(door, entered) { release.finish() }
        }
    }
}

/// Counts what reaches the decoder.
private final class DecoderReads: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var reads = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reads += 1
        context.fireChannelRead(data)
    }
}

/// A connection in memory: what a door has between the bytes and its routes.
private struct Connection {
    let channel = EmbeddedChannel()
    let admission: RequestAdmission
    let decoder = DecoderReads()

    /// - Parameter connections: how many the door takes.
    init(_ gate: RequestGate, connections: Int = 10) throws {
        let bytes = ByteSide()
        let limits = HTTPServer.Limits()
        let connection = ConnectionGuard(
            limits, ConnectionCount(limit: connections), logger: Logger(label: "test"))
        admission = RequestAdmission(
            .init(requests: gate, refusals: Counter(label: "refusals", factory: MetricsRegistry())),
            of: connection, bytes: bytes)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers(bytes, decoder)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
        try pipeline.addHandlers(
            admission, HTTP1ToHTTPServerCodec(secure: false), connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func receive(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    /// How many requests have come through since the last look.
    func requests() throws -> Int {
        var count = 0
        while let part = try channel.readInbound(as: HTTPRequestPart.self) {
            if case .head = part { count += 1 }
        }
        return count
    }

    /// What was sent since the last look.
    func sent() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            text += String(buffer: bytes)
        }
        return text
    }

    func answer() throws {
        try channel.writeOutbound(HTTPResponsePart.head(.init(status: .ok)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }
}
