import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Fire

/// The proxy between a client that sends and a server that says the same back.
@Suite struct FaultProxyTests {
    private typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// A server that returns what it gets.
    private func withEcho(
        _ body: (FaultProxy) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Echo())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = try await FaultProxy.start(to: server.localAddress?.port ?? 0)
        try await body(proxy)
        await proxy.close()
        try await server.close()
    }

    private func connect(_ proxy: FaultProxy) async throws -> Client {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(60))
            .connect(to: SocketAddress(ipAddress: "127.0.0.1", port: proxy.port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Client(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Sends the bytes and gives what came back: all of it, or what there was at the end.
    private func exchange(_ bytes: [UInt8], by client: Client) async throws -> [UInt8] {
        try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var back: [UInt8] = []
            for try await piece in inbound {
                back += Array(piece.readableBytesView)
                if back.count >= bytes.count { break }
            }
            return back
        }
    }

    private let sample = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test(arguments: [.fair, .crumbs, .slow(.milliseconds(20))] as [FaultProxy.Weather])
    func `all bytes arrive in their order`(weather: FaultProxy.Weather) async throws {
        try await withEcho { proxy in
            proxy.set(weather)
            let back = try await exchange(sample, by: connect(proxy))
            #expect(back == sample)
        }
    }

    @Test func `delay is paid both ways`() async throws {
        try await withEcho { proxy in
            proxy.set(.slow(.milliseconds(100)))
            let begun = ContinuousClock.now
            _ = try await exchange([1], by: connect(proxy))
            #expect(ContinuousClock.now - begun >= .milliseconds(200))
        }
    }

    @Test func `in silence nothing arrives, and after it everything`() async throws {
        try await withEcho { proxy in
            proxy.set(.silence)
            let client = try await connect(proxy)
            let begun = ContinuousClock.now
            async let lifted: Void = {
                try? await eventually(within: .milliseconds(300)) { false }
                proxy.set(.fair)
            }()
            let back = try await exchange(sample, by: client)
            #expect(back == sample)
            await lifted
            #expect(ContinuousClock.now - begun >= .milliseconds(300))
        }
    }

    @Test(arguments: [true, false])
    func `a cut ends every connection`(reset: Bool) async throws {
        try await withEcho { proxy in
            let client = try await connect(proxy)
            try await eventually { proxy.connectionCount == 1 }
            proxy.set(.silence)
            proxy.cut(reset: reset)
            let answer = try? await exchange([1], by: client)
            #expect(answer ?? [] == [])
            try await eventually { proxy.connectionCount == 0 }
        }
    }

    @Test func `in refusal a new connection ends at once`() async throws {
        try await withEcho { proxy in
            proxy.set(.refusal)
            let answer = try? await exchange([1], by: connect(proxy))
            #expect(answer ?? [] == [])
        }
    }
}

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }
}
