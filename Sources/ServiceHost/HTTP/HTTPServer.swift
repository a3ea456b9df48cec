import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import ServiceLifecycle

/// A daemon's HTTP door: bounded on every side, and on shutdown it closes to new connections first
/// and finishes the requests in flight.
package struct HTTPServer: Service {
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
        /// Connections at once. A few more (``reserve``) are let in for `/health`, `/ready` and
        /// `/metrics`; anything else gets 503 there. What comes then waits in the kernel's queue.
        package var connections = 1_024
        /// Bytes of a request's path and query.
        package var targetBytes = 8_192
        /// Bytes of all header fields together, and of the target if it is longer than allowed.
        package var headerBytes = 16_384
        /// How many header fields a request may have.
        package var headerFields = 100

        /// The defaults.
        package init() {}

        /// Connections beyond the limit that may ask for the daemon's health.
        static let reserve = 64
    }

    private let responder: RouterResponder<KassaRequestContext>
    private let host: String
    private let port: Int
    private let limits: Limits
    private let certificates: ServerCertificates?
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - router: with all its routes.
    ///   - host: the address to bind.
    ///   - port: 0 takes a free one.
    ///   - certificates: for TLS; nil serves in the clear.
    ///   - onListening: called once with the port that was bound.
    package init(
        router: ServiceRouter, host: String, port: Int, limits: Limits = Limits(),
        certificates: ServerCertificates? = nil, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        responder = router.makeResponder()
        self.host = host
        self.port = port
        self.limits = limits
        self.certificates = certificates
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until shutdown.
    ///
    /// - Throws: ``StartFailure`` where the address cannot be bound.
    package func run() async throws {
        let application = Application(
            responder: responder, server: try server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connections + Limits.reserve, logger: logger)),
            onServerRunning: { channel in
                await onListening(channel.localAddress?.port ?? port)
            },
            logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw StartFailure(
                "cannot bind \(host):\(port): \(reason); choose another with --http-port")
        }
    }

    private var server: HTTPServerBuilder {
        get throws {
            let http = HTTPServerBuilder.guardedHTTP1(limits, logger: logger)
            guard let certificates else { return http }
            return try .tls(http, tlsConfiguration: certificates.configuration())
        }
    }
}
