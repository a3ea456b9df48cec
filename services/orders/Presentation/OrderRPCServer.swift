import GRPCCore
package import Logging
package import OrdersApplication
package import ServiceHost
import ServiceLifecycle

/// The gRPC server of Orders: HTTP/2, over TLS where there is a certificate, bounded on every side;
/// on shutdown it takes no new calls and finishes those in flight.
package struct OrderRPCServer: ListeningService {
    /// Open once the door listens.
    package let opened = StartGate()

    /// A call's message; the contract's largest is about 5 KiB.
    private static let messageLimit = 65_536
    /// No fewer than HTTP/2 recommends (RFC 9113, section 6.5.2).
    private static let streamsPerConnection = 100
    /// A connection without calls is closed; clients open another when they need one.
    private static let idleTime = Duration.seconds(300)
    /// A peer that vanished is noticed in minutes, not after the default two hours.
    private static let pingInterval = Duration.seconds(60)
    /// Within the daemon's nine seconds: a call that is still running then is given up.
    private static let graceTime = Duration.seconds(7)

    private let host: String
    private let port: Int
    private let limits: Limits
    private let service: OrderRPC
    private let certificates: ServerCertificates?
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - host: the address to bind, or `localhost`.
    ///   - port: 0 takes a free one.
    ///   - gate: while it is closed every call answers UNAVAILABLE.
    ///   - security: who may come in, and by what the door proves itself.
    ///   - limits: what the door bears.
    ///   - onListening: called once with the port that was bound.
    package init(
        host: String, port: Int, placeOrder: PlaceOrder, findOrder: FindOrder,
        listOrders: ListOrders, gate: StartGate, security: DoorSecurity,
        limits: Limits = .standard, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.limits = limits
        self.logger = logger
        certificates = security.certificates
        self.onListening = onListening
        service = OrderRPC(
            placeOrder: placeOrder, findOrder: findOrder, listOrders: listOrders, gate: gate,
            access: security.access, limits: limits, logger: logger)
    }

    /// Serves until shutdown.
    ///
    /// - Throws: ``StartFailure`` where the address cannot be served.
    package func run() async throws {
        let transport = RPCTransport(
            configuration, for: service, certificates: certificates, onListening: announce)
        let server = GRPCServer(transport: transport, services: [service])
        do {
            try await withGracefulShutdownHandler {
                // Calls stay on the threads that their bytes come in on.
                try await withTaskExecutorPreference(EventLoopGroupTaskExecutor.doors) {
                    try await server.serve()
                }
            } onGracefulShutdown: {
                server.beginGracefulShutdown()
            }
        } catch let error as RuntimeError {
            let reason = error.cause.map { "\($0)" } ?? error.message
            throw StartFailure(
                "cannot serve gRPC on \(host):\(port): \(reason); "
                    + "choose another with --grpc-host or --grpc-port")
        }
    }

    @Sendable private func announce(_ port: Int) async {
        logger.info("listening for gRPC", metadata: ["address": "\(host):\(port)"])
        opened.open()
        await onListening(port)
    }

    private var configuration: RPCTransport.Configuration {
        RPCTransport.Configuration(
            host: host, port: port, messageLimit: Self.messageLimit,
            streamsPerConnection: Self.streamsPerConnection, idleTime: Self.idleTime,
            pingInterval: Self.pingInterval, graceTime: Self.graceTime)
    }
}
