import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy on loopback that treats its connections badly when told to.
///
/// It stands where a network would: its two ends are ordinary sockets, and what it does to them is
/// what cables, switches and firewalls do.
final class FaultProxy: Sendable {
    /// What becomes of the bytes, and of new connections.
    enum Weather: Hashable, Sendable {
        /// As if the proxy were not there.
        case fair
        /// Each piece arrives so much later.
        case slow(Duration)
        /// What was one piece arrives in very many.
        case crumbs
        /// Nothing gets through, and nobody is told.
        case silence
        /// Connections end as soon as they are made; those there are stay.
        case refusal
    }

    /// Where to connect to.
    let port: Int
    private let listener: any Channel
    private let state: ProxyState

    private init(listener: any Channel, port: Int, state: ProxyState) {
        self.listener = listener
        self.port = port
        self.state = state
    }

    /// Listens on a free port of 127.0.0.1.
    ///
    /// - Parameter target: the port of 127.0.0.1 that it leads to; need not be open yet.
    static func start(to target: Int) async throws -> FaultProxy {
        let state = ProxyState()
        let server = try SocketAddress(ipAddress: "127.0.0.1", port: target)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                // A connection that cannot be prepared is closed.
                guard state.weather != .refusal else {
                    return near.eventLoop.makeFailedFuture(Refused())
                }
                return ClientBootstrap(group: near.eventLoop)
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelOption(.autoRead, value: false)
                    .connectTimeout(.seconds(30))
                    .channelInitializer { far in
                        far.eventLoop.makeCompletedFuture {
                            try far.pipeline.syncOperations.addHandler(
                                Forwarder(to: near, state: state))
                        }
                    }
                    .connect(to: server)
                    .flatMapThrowing { far in
                        try near.pipeline.syncOperations.addHandler(
                            Forwarder(to: far, state: state))
                        state.add(near, far)
                        near.closeFuture.whenComplete { _ in state.remove(near) }
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FaultProxy(
            listener: listener, port: listener.localAddress?.port ?? 0, state: state)
    }

    /// What it does from now on, to connections new and old.
    func set(_ weather: Weather) { state.set(weather) }

    /// Ends every connection there is.
    ///
    /// - Parameter reset: by RST, as one does whose machine has forgotten them; else by FIN.
    func cut(reset: Bool) {
        for (near, far) in state.pairs {
            for channel in [near, far] {
                if reset, let socket = channel as? any SocketOptionProvider {
                    socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
                        channel.close(promise: nil)
                    }
                } else {
                    channel.close(promise: nil)
                }
            }
        }
    }

    /// Connections that go through it now.
    var connectionCount: Int { state.pairs.count }

    /// Stops listening and ends every connection.
    func close() async {
        try? await listener.close()
        cut(reset: false)
    }
}

/// What all connections of one proxy share.
final class ProxyState: Sendable {
    private let shared = Mutex(
        (
            weather: FaultProxy.Weather.fair,
            pairs: [ObjectIdentifier: (near: any Channel, far: any Channel)]()
        ))

    var weather: FaultProxy.Weather { shared.withLock { $0.weather } }

    var pairs: [(near: any Channel, far: any Channel)] {
        shared.withLock { Array($0.pairs.values) }
    }

    func add(_ near: any Channel, _ far: any Channel) {
        shared.withLock { $0.pairs[ObjectIdentifier(near)] = (near, far) }
    }

    func remove(_ near: any Channel) {
        shared.withLock { _ = $0.pairs.removeValue(forKey: ObjectIdentifier(near)) }
    }

    func set(_ weather: FaultProxy.Weather) {
        shared.withLock { $0.weather = weather }
        for (near, far) in pairs {
            for channel in [near, far] {
                channel.pipeline.fireUserInboundEventTriggered(WeatherChanged())
            }
        }
    }
}

/// Told to all connections of a proxy.
struct WeatherChanged: Sendable {}

private struct Refused: Error {}
