import ArgumentParser
import ServiceHost

/// `kassa-gateway`: one address for everything that the services offer.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-gateway",
        abstract: "Routes Kassa's calls to Orders and Payments.",
        discussion: """
            Serves while the services are away, too: their calls answer 503 until they are back. \
            GET /ready tells which of them is missing. Ends with exit code 0 on SIGTERM.
            """)

    @OptionGroup private var host: HostOptions
    @OptionGroup(title: "Limits") private var limits: LimitOptions
    @Option(help: GatewaySettings.orders.help) private var orderServiceURL: String?
    @Option(help: GatewaySettings.payments.help) private var paymentServiceURL: String?
    @Option(help: GatewaySettings.ordersRPC.help) private var orderServiceGRPC: String?
    @Option(help: GatewaySettings.connect.help) private var upstreamConnectTimeout: String?
    @Option(help: GatewaySettings.total.help) private var upstreamTimeout: String?
    @Option(help: GatewaySettings.docsDirectory.help) private var docsDirectory: String?

    @Option(help: GatewaySettings.serviceToken.help) private var serviceTokenFile: String?
    @Option(help: GatewaySettings.upstreamCA.help) private var upstreamCAFile: String?

    static func main() async { await runDaemonCommand() }

    func run() async throws {
        let host = try host.resolve(defaultPort: 8000, inherited: .passed())
        let settings = GatewaySettings(
            orders: try GatewaySettings.orders.resolve(flag: orderServiceURL),
            payments: try GatewaySettings.payments.resolve(flag: paymentServiceURL),
            ordersRPC: try GatewaySettings.ordersRPC.resolve(flag: orderServiceGRPC),
            connect: try GatewaySettings.connect.resolve(flag: upstreamConnectTimeout),
            total: try GatewaySettings.total.resolve(flag: upstreamTimeout),
            docsDirectory: try GatewaySettings.docsDirectory.resolve(flag: docsDirectory),
            serviceTokenFile: GatewaySettings.serviceToken.resolve(flag: serviceTokenFile),
            upstreamCAFile: GatewaySettings.upstreamCA.resolve(flag: upstreamCAFile))
        let limits = try limits.resolve(
            defaultRate: 10_000, descriptors: .claim(own: Composition.descriptors))
        let logger = bootstrapLogging(service: "kassa-gateway", level: host.logLevel)
        try await Composition(
            host: host, settings: settings, limits: limits, logger: logger
        ).run()
    }
}
