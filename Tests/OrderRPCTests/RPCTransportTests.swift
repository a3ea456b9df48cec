import Foundation
import GRPCCore
import LocalStack
import Logging
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL
import OrdersApplication
import ServiceHost
import TestDoubles
import Testing

@testable import OrdersPresentation

/// The connections of the gRPC door, and their peers that do not do what they should.
@Suite(.timeLimit(.minutes(1))) struct RPCTransportTests {
    /// HTTP/2's first words from a client: the preface and empty settings (RFC 9113, section 3.4).
    private static let greeting =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

    @Test func `a peer that does not answer the goodbye does not keep the server`() async throws {
        try await withTransport(graceTime: .milliseconds(100)) { port, stop in
            try await Self.withPeer(port) { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: Self.greeting))
                var bytes = inbound.makeAsyncIterator()
                let settings = try await bytes.next()
                #expect(settings != nil)
                stop()
                // Until the server hangs up.
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
        _ body: (_ port: Int, _ stop: @Sendable () -> Void) async throws -> Void
    ) async throws {
        let orders = InMemoryOrderRepository()
        let gate = StartGate()
        gate.open()
        let rpc = OrderRPC(
            placeOrder: PlaceOrder(orders: orders), findOrder: FindOrder(orders: orders),
            listOrders: ListOrders(orders: orders), gate: gate,
            access: AccessGuard(tokens: nil), limits: .standard, logger: Logger(label: "test"))
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
            try await body(port) { server.beginGracefulShutdown() }
            server.beginGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
