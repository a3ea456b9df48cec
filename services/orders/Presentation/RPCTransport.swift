import GRPCCore
import NIOCore
import NIOExtras
import NIOPosix
import NIOSSL
import ServiceHost
import Synchronization

/// How the gRPC library's calls reach it: HTTP/2 connections, over TLS where there is a
/// certificate, whose streams are ``CallStream``s.
///
/// The library's own transport begins a channel, two sequences and a task for each stream, before
/// anybody has seen what call it is. For one that is answered on its stream this took more than the
/// call itself.
final class RPCTransport: ServerTransport {
    typealias Bytes = [UInt8]

    /// What the transport is told once.
    struct Configuration: Sendable {
        let host: String
        let port: Int
        /// Bytes of a call's message at most.
        let messageLimit: Int
        let streamsPerConnection: Int
        /// A connection without calls is closed after it.
        let idleTime: Duration
        /// How often a connection's peer is asked whether it is there.
        let pingInterval: Duration
        /// What calls have from shutdown on.
        let graceTime: Duration
    }

    private let configuration: Configuration
    private let rpc: OrderRPC
    private let certificates: ServerCertificates?
    private let onListening: @Sendable (_ port: Int) async -> Void
    private let quiescing = ServerQuiescingHelper(group: .singletonMultiThreadedEventLoopGroup)
    private let methods = Mutex<[MethodDescriptor]>([])
    /// Taken at once, so that few wait here; how many are under way is the gate's to bound.
    private let calls: AsyncStream<OrdinaryCall>
    private let arriving: AsyncStream<OrdinaryCall>.Continuation

    /// - Parameter onListening: called once with the port that was bound.
    init(
        _ configuration: Configuration, for rpc: OrderRPC, certificates: ServerCertificates?,
        onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        self.configuration = configuration
        self.rpc = rpc
        self.certificates = certificates
        self.onListening = onListening
        (calls, arriving) = AsyncStream.makeStream()
    }

    func configure(context: GRPCServerContext) {
        methods.withLock { $0 = context.methods }
    }

    /// Listens until shutdown, and until the last connection is closed.
    ///
    /// - Throws: where the address cannot be bound, or the certificate cannot be used.
    @concurrent func listen(
        streamHandler:
            @escaping @concurrent @Sendable (
                _ stream: RPCStream<Inbound, Outbound>, _ context: ServerContext
            ) async -> Void
    ) async throws {
        let listener = try await bind()
        // A listener that fails is no door any more; the daemon says so, and is started again.
        listener.closeFuture.whenComplete { _ in self.beginGracefulShutdown() }
        await onListening(listener.localAddress?.port ?? configuration.port)
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await call in calls {
                    group.addTask { await streamHandler(call.stream, call.context) }
                }
                // Nobody is there any more to be answered.
                group.cancelAll()
            }
        } onCancel: {
            beginGracefulShutdown()
        }
    }

    func beginGracefulShutdown() {
        let end = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        end.futureResult.whenComplete { [arriving] _ in arriving.finish() }
        quiescing.initiateShutdown(promise: end)
    }

    // MARK: Connections

    private func bind() async throws -> any Channel {
        let configuration = configuration
        let tls = try certificates.map {
            try NIOSSLContext(configuration: $0.configuration(protocols: ["h2"]))
        }
        let door = CallDoor(
            rpc, methods: methods.withLock { $0 }, messageLimit: configuration.messageLimit
        ) { [arriving] call in arriving.yield(call) }
        let limit = ConnectionLimit(rpc.limits.connections)
        return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { [quiescing] listener in
                listener.eventLoop.makeCompletedFuture {
                    try listener.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: listener))
                }
            }
            .childChannelInitializer { connection in
                connection.eventLoop.makeCompletedFuture {
                    try limit.admit(connection)
                    try connection.configure(configuration, tls, door)
                }
            }
            .bind(to: address).get()
    }

    private var address: SocketAddress {
        get throws {
            let host = configuration.host.filter { $0 != "[" && $0 != "]" }
            return try SocketAddress(
                ipAddress: host == "localhost" ? "127.0.0.1" : host, port: configuration.port)
        }
    }
}
