import GatewayInfrastructure
import GatewayPresentation
import Logging
import ServiceHost

/// Builds the gateway's parts and runs them.
struct Composition {
    /// The most that the gateway has open for itself: the pool to each of two services, and some
    /// for loops, files and gRPC.
    static let descriptors = 2 * UpstreamClient.connections + 64

    let host: HostOptions.Resolved
    let settings: GatewaySettings
    let limits: LimitOptions.Resolved
    let logger: Logger

    func run() async throws {
        let orders = Upstream(name: "Orders", url: settings.orders)
        let payments = Upstream(name: "Payments", url: settings.payments)
        let credential = try ServiceCredential(tokenFile: settings.serviceTokenFile)
        // Before the pool, which must be shut down once it is made: this may throw.
        let rpc = try OrdersRPCClient(
            host: settings.ordersRPC.host, port: settings.ordersRPC.port,
            deadline: settings.total, credential: credential,
            security: settings.ordersRPC.isEncrypted
                ? .tls(authority: settings.upstreamCAFile) : .none)
        let client = UpstreamClient(
            deadlines: .init(connect: settings.connect, total: settings.total),
            credential: credential, certificateAuthority: settings.upstreamCAFile)
        let own = Readiness()
        let router = ServiceRouter(
            readiness: UpstreamReadiness([orders, payments], client: client, own: own),
            metrics: MetricsRegistry(), access: host.security.access, limits: limits.requests)
        GatewayRoutes(
            client: client, rpc: rpc, orders: orders, payments: payments, swaggerUI: swaggerUI()
        ).add(to: router)
        let server = HTTPServer(
            router: router, host: host.httpHost, port: host.httpPort,
            inherited: host.inherited, limits: limits.server,
            certificates: host.security.certificates, logger: logger)
        try await runDaemon(
            name: "kassa-gateway", logger: logger, readiness: own, security: host.security,
            reloads: credential.reloads, services: [client, rpc], doors: [server])
    }

    /// The gateway serves without it: what is missing is only a page for people.
    private func swaggerUI() -> SwaggerUIFiles? {
        do throws(SwaggerUIFiles.Missing) {
            return try SwaggerUIFiles(directory: settings.docsDirectory)
        } catch {
            logger.notice("/docs has no Swagger UI", metadata: ["reason": "\(error)"])
            return nil
        }
    }
}
