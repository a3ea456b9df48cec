import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// A daemon's HTTP door: bounded on every side, and on shutdown it closes to new connections first
/// and finishes the requests in flight.
///
/// It binds its address, or takes over a socket that systemd opened for it: then the system keeps
/// new connections while the daemon is away, and a restart refuses nobody. Hummingbird's own server
/// binds addresses only, hence the few lines of server here.
package struct HTTPServer: ListeningService {
    /// The bounds of the door.
    package struct Limits: Sendable {
        /// How long a connection may lie idle.
        package var idleTimeout: Duration = .seconds(60)
        /// From a request's first byte to the end of its head.
        package var headDeadline: Duration = .seconds(10)
        /// From a request's head to the end of its body.
        package var bodyDeadline: Duration = .seconds(10)
        /// In which a caller must take something of an answer that waits for him.
        package var writeDeadline: Duration = .seconds(10)
        /// From a request's head to the end of its answer.
        package var exchangeDeadline: Duration = .seconds(60)
        /// How long, in a shutdown, a connection that lies idle may still bring a request.
        package var drainGrace: Duration = .seconds(1)
        /// Connections at once. A few more (``reserve``) are let in for `/health`, `/ready` and
        /// `/metrics`; anything else gets 503 there. What comes then waits in the kernel's queue.
        package var connections = Self.connectionsByCores
        /// What was asked for, where there are not descriptors enough for it.
        var connectionsWanted = Self.connectionsByCores
        /// Bytes of a request's path and query.
        package var targetBytes = 8_192
        /// Bytes of all header fields together, and of the target if it is longer than allowed.
        package var headerBytes = 16_384
        /// How many header fields a request may have.
        package var headerFields = 100

        /// The defaults.
        package init() {}

        /// Twice as many as there are requests at once: while all of those have their place, the
        /// others are refused on their connections, and keep them.
        static let connectionsByCores = 2 * RequestLimits.atOnceByCores
        /// Connections beyond the limit that may ask for the daemon's health.
        static let reserve = 64
    }

    /// Open once the door listens.
    package let opened = StartGate()
    /// Open once the door closes.
    private let closing = StartGate()
    private let responder: RouterResponder<KassaRequestContext>
    private let batches: BatchAnswering
    private let admission: RequestAdmission.Door
    private let shortcuts: DirectAnswering.Door
    private let host: String
    private let port: Int
    private let inherited: InheritedSocket?
    private let gate: StartGate?
    private let limits: Limits
    private let certificates: ServerCertificates?
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - router: with all its routes.
    ///   - host: the address to bind.
    ///   - port: 0 takes a free one.
    ///   - inherited: a socket that listens already, instead of that address; nil where systemd
    ///     passed none.
    ///   - gate: what the routes need to have started. On an inherited socket callers wait for it
    ///     in the system's queue, for ``patience`` at most, instead of hearing 503.
    ///   - certificates: for TLS; nil serves in the clear.
    ///   - onListening: called once with the port that was bound.
    package init(
        router: ServiceRouter, host: String, port: Int, inherited: InheritedSocket? = nil,
        gate: StartGate? = nil, limits: Limits = Limits(), certificates: ServerCertificates? = nil,
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        responder = router.makeResponder()
        batches = BatchAnswering(router.batched, logger: logger)
        admission = router.admission
        shortcuts = router.shortcuts
        self.host = host
        self.port = port
        self.inherited = inherited
        self.gate = gate
        self.limits = limits
        self.certificates = certificates
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until shutdown.
    ///
    /// - Throws: ``StartFailure`` where the address cannot be bound.
    package func run() async throws {
        let connections = GuardedHTTP1Channel(
            limits, admission: admission, shortcuts: shortcuts, logger: logger,
            answer: HTTPAnswering(
                responder: responder, batches: batches, logger: logger
            ).answer)
        guard let certificates else { return try await serve(connections) }
        let tls = try certificates.configuration(protocols: ["http/1.1"])
        try await serve(TLSChannel(connections, tlsConfiguration: tls))
    }

    /// How long callers of an inherited socket wait for the start: less than they would wait for an
    /// answer, so that a database that is away is told to them in time.
    private static let patience: Duration = .seconds(4)

    private func waitForStart() async {
        guard inherited != nil, let gate else { return }
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await gate.opened() }
                group.addTask { try? await Task.sleep(for: Self.patience) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func serve(_ connections: some ServerChildChannel) async throws {
        await waitForStart()
        let quiescing = ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
        let listening = try await listen(connections, quiescing)
        await opened(on: listening)
        try? await gracefulShutdown()
        closing.open()
        let drained = listening.eventLoop.makePromise(of: Void.self)
        quiescing.initiateShutdown(promise: drained)
        try await drained.futureResult.get()
    }

    private func opened(on channel: any Channel) async {
        let port = channel.localAddress?.port ?? port
        logger.info(
            "listening",
            metadata: [
                "address": "\(channel.localAddress?.ipAddress ?? host):\(port)",
                "inherited": "\(inherited != nil)",
                "connections": "\(limits.connections)",
            ])
        if limits.connections < limits.connectionsWanted {
            logger.warning(
                "fewer connections than HTTP_CONNECTIONS asks for: the limit on open files is low",
                metadata: [
                    "connections": "\(limits.connections)",
                    "wanted": "\(limits.connectionsWanted)",
                ])
        }
        opened.open()
        await onListening(port)
    }

    private func listen(
        _ connections: some ServerChildChannel, _ quiescing: ServerQuiescingHelper
    ) async throws -> any Channel {
        let limit = MaximumAvailableConnections(
            limits.connections + Limits.reserve, logger: logger)
        let (logger, closing) = (logger, closing)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(AvailableConnectionsChannelHandler(delegate: limit))
                    try pipeline.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelInitializer { channel in
                connections.setup(channel: channel, logger: logger).map { connection in
                    // Not a child of the server's task: a connection that is accepted in the very
                    // moment in which the door closes is served, too. The drain waits for it.
                    _ = Task(executorPreference: EventLoopTaskExecutor(channel.eventLoop)) {
                        await connections.handle(value: connection, logger: logger)
                    }
                    // The drain's event may have passed before there was anybody to hear it.
                    guard closing.isOpen else { return }
                    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
                }
            }
        do {
            if let inherited {
                return try await bootstrap.withBoundSocket(inherited.descriptor).get()
            }
            return try await bootstrap.bind(host: host, port: port).get()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw StartFailure(
                "cannot bind \(host):\(port): \(reason); choose another with --http-port")
        }
    }
}
