import Foundation
import GRPCCore
import LocalStack
import Logging
import NIOCore
import NIOHPACK
import NIOPosix
import NIOSSL
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel
import TestDoubles
import Testing

@testable import OrdersPresentation

/// The connections of the gRPC door, and their peers that do not do what they should.
@Suite(.timeLimit(.minutes(1))) struct RPCTransportTests {
    /// HTTP/2's first words from a client: the preface and empty settings (RFC 9113, section 3.4).
    private static let greeting =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4)

    private static func frame(
        _ type: UInt8, flags: UInt8 = 0, on stream: UInt32 = 0, _ payload: [UInt8] = []
    ) -> [UInt8] {
        var frame = ByteBuffer(integer: UInt32(payload.count) << 8 | UInt32(type))
        frame.writeInteger(flags)
        frame.writeInteger(stream)
        return Array(frame.readableBytesView) + payload
    }

    @Test func `a peer that does not answer the goodbye does not keep the server`() async throws {
        try await withTransport(graceTime: .milliseconds(100)) { port, stop in
            try await Self.withPeer(port) { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: Self.greeting))
                var bytes = inbound.makeAsyncIterator()
                let settings = try await bytes.next()
                #expect(settings != nil)
                await stop()
                // It has hung up.
                while try await bytes.next() != nil {}
            }
        }
    }

    @Test func `a connection without calls is closed, whatever its peer makes of it`()
        async throws
    {
        try await withTransport(
            idleTime: .milliseconds(100), graceTime: .milliseconds(100)
        ) { port, _ in
            try await Self.withPeer(port) { inbound, outbound in
                // On a busy machine it is closed before.
                try? await outbound.write(ByteBuffer(bytes: Self.greeting))
                for try await _ in inbound {}
            }
            // One that never said a word, too.
            try await Self.withPeer(port) { inbound, _ in for try await _ in inbound {} }
        }
    }

    @Test func `who speaks TLS and no HTTP/2 is cut off`() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-rpc-\(UUID().uuidString)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = Certificates(folder: folder)
        try await files.prepare()
        let certificates = try ServerCertificates(
            certificateFile: files.certificate, keyFile: files.key)
        try await withTransport(certificates: certificates) { port, _ in
            for protocols in [["http/1.1"], []] {
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.certificateVerification = .none
                configuration.applicationProtocols = protocols
                let tls = try NIOSSLContext(configuration: configuration)
                try await Self.withPeer(port, tls) { inbound, _ in
                    // A server that has nothing to say to it may be heard to say its settings.
                    do { for try await _ in inbound {} } catch is NIOSSLError {}
                }
            }
        }
    }

    @Test func `a client may ping for each answer, a thousand times`() async throws {
        let pings = (0..<1_000).flatMap { _ in Self.frame(6, Array(repeating: 0, count: 8)) }
        try await withTransport { port, _ in
            try await Self.withPeer(port) { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: Self.greeting + pings))
                var (acknowledged, bytes) = (0, ByteBuffer())
                for try await var more in inbound {
                    bytes.writeBuffer(&more)
                    while let head = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self),
                        let flags = bytes.getInteger(at: bytes.readerIndex + 4, as: UInt8.self),
                        bytes.readSlice(length: 9 + Int(head >> 8)) != nil
                    {
                        if head & 0xFF == 6, flags == 1 { acknowledged += 1 }
                    }
                    if acknowledged == 1_000 { break }
                }
                #expect(acknowledged == 1_000)
            }
        }
    }

    @Test func `a peer that takes no bytes at all does not keep its answers`() async throws {
        var block = ByteBuffer()
        var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
        try encoder.encode(
            headers: [
                ":method": "POST", ":scheme": "http", ":path": "/orders.OrderService/ListOrders",
                ":authority": "x", "te": "trailers", "content-type": "application/grpc",
            ], to: &block)
        let wide: [UInt8] = [0x7F, 0, 0, 0]
        var bytes = Self.greeting + Self.frame(4, [0, 4] + wide) + Self.frame(8, wide)
        for call in 0..<UInt32(100) {
            // Indexed fields are the same each time: the table has them since the first.
            bytes += Self.frame(1, flags: 4, on: 2 * call + 1, Array(block.readableBytesView))
            bytes += Self.frame(0, flags: 1, on: 2 * call + 1, [0, 0, 0, 0, 0])
        }
        try await withTransport(
            orders: try await Self.longOrders(), streamDeadline: .seconds(1)
        ) { port, stop in
            try await Self.withPeer(port) { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: bytes))
                // Once answers come it takes no more of them.
                var count = 0
                for try await more in inbound {
                    count += more.readableBytes
                    if count > 100_000 { break }
                }
                await stop()
            }
        }
    }

    /// A list of them has some 200 KB.
    private static func longOrders() async throws -> InMemoryOrderRepository {
        let orders = InMemoryOrderRepository()
        let request = try OrderRequest(
            userID: UserID("ann"), amount: Amount(decimal: "1"),
            description: OrderDescription(String(repeating: "d", count: 1_000)))
        let wish = PlaceOrder.Wish(request, correlation: Correlation())
        for _ in 0..<200 { _ = await PlaceOrder(orders: orders)(together: [wish]) }
        return orders
    }

    // MARK: Both sides

    private static func withPeer(
        _ port: Int, _ tls: NIOSSLContext? = nil,
        _ body: (
            NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) async throws -> Void
    ) async throws {
        let peer = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        try await peer.executeThenClose { try await body($0, $1) }
    }

    /// Serves until the body has returned; returning proves that the server stopped.
    private func withTransport(
        idleTime: Duration = .seconds(60), graceTime: Duration = .seconds(60),
        certificates: ServerCertificates? = nil,
        orders: InMemoryOrderRepository = InMemoryOrderRepository(),
        streamDeadline: Duration = .seconds(30),
        _ body: (_ port: Int, _ stop: () async -> Void) async throws -> Void
    ) async throws {
        let gate = StartGate()
        gate.open()
        let rpc = OrderRPC(
            placeOrder: PlaceOrder(orders: orders), findOrder: FindOrder(orders: orders),
            listOrders: ListOrders(orders: orders), gate: gate,
            access: AccessGuard(tokens: nil),
            limits: OrderRPCServer.Limits(
                connections: 10, limiter: RateLimiter(RequestLimits()),
                requests: RequestGate(512), streamDeadline: streamDeadline),
            logger: Logger(label: "test"))
        let (ports, announcing) = AsyncStream<Int>.makeStream()
        let transport = RPCTransport(
            RPCTransport.Configuration(
                host: "127.0.0.1", port: 0, messageLimit: 65_536, streamsPerConnection: 100,
                idleTime: idleTime, pingInterval: .seconds(60), graceTime: graceTime),
            for: rpc, certificates: certificates
        ) { announcing.yield($0) }
        let server = GRPCServer(transport: transport, services: [rpc])
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                defer { announcing.finish() }
                try await server.serve()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                throw StartFailure("the server ended before it listened")
            }
            try await body(port) {
                server.beginGracefulShutdown()
                // The end of what it announces is its own.
                for await _ in ports {}
            }
            server.beginGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
