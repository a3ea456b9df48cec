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
        /// How long a connection may lie idle, or take over a request's head.
        package var idleTimeout: Duration = .seconds(60)
        /// From a request's head to the end of its body.
        package var bodyDeadline: Duration = .seconds(10)
        /// Connections at once; more wait in the kernel's queue.
        package var connections = 1_024
        /// Bytes of all header fields together.
        package var headerBytes = 16_384
        /// How many header fields a request may have.
        package var headerFields = 100

        /// The defaults.
        package init() {}
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
                    limits.connections, logger: logger)),
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
            guard let certificates else { return .http1(configuration: channel) }
            return try .tls(
                .http1(configuration: channel), tlsConfiguration: certificates.configuration())
        }
    }

    private var channel: HTTP1Channel.Configuration {
        let bodyDeadline = TimeAmount(limits.bodyDeadline)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(bodyDeadline: bodyDeadline)],
            idleTimeout: TimeAmount(limits.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: limits.headerFields))
    }
}
