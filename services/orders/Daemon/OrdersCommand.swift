import ArgumentParser
import ServiceHost

/// `kassa-orders`: accepts orders over HTTP and gRPC, and ends them by what Payments says.
struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-orders",
        abstract: "Accepts orders and ends them PAID or FAILED, once each.",
        discussion: """
            Serves POST /orders, GET /orders and GET /orders/{order_id} over HTTP, the gRPC \
            service orders.OrderService, and /health, /ready and /metrics. It waits for its \
            database and broker, says what it waits for, brings its schema up to date, and is \
            ready only then. Logs are JSON lines on standard error. SIGTERM stops it within ten \
            seconds; nothing that was accepted is lost, however it stops.

            Every setting can be given as a flag, as NAME_FILE (a path), as a systemd credential \
            or as an environment variable, in this order of precedence.
            """)

    @OptionGroup(title: "Doors and logs") var host: HostOptions
    @OptionGroup(title: "Backends") var backends: BackendOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @Option(help: Self.grpcHostSetting.help) var grpcHost: String?
    @Option(help: Self.grpcPortSetting.help) var grpcPort: String?
    @Option(help: Self.grpcConnectionsSetting.help) var grpcConnections: String?
    @Option(help: Self.reannounceAfterSetting.help) var reannounceAfter: String?

    private static let grpcHostSetting = Setting<String>.text(
        "GRPC_HOST", "Address of the gRPC door", default: "127.0.0.1")
    private static let grpcPortSetting = Setting<Int>.port(
        "GRPC_PORT", "Port of the gRPC door; 0 takes a free one", default: 50_051)
    private static let grpcConnectionsSetting = Setting<Int>.integer(
        "GRPC_CONNECTIONS", "gRPC connections at once, more are closed", in: 1...100_000,
        default: 256)

    private static let reannounceAfterSetting = Setting<Duration>.seconds(
        "REANNOUNCE_AFTER",
        "Seconds that an order may be PENDING before Payments is told of it again, and after that "
            + "ever more rarely",
        in: 0.1...86_400, default: "30")

    static func main() async { await runDaemonCommand() }

    func run() async throws {
        let host = try host.resolve(defaultPort: 8_001, inherited: .passed())
        let backends = try backends.resolve()
        let grpcHost = try Self.grpcHostSetting.resolve(flag: grpcHost)
        try host.requireSafe(host: grpcHost, setting: "GRPC_HOST")
        let grpcConnections = try Self.grpcConnectionsSetting.resolve(flag: grpcConnections)
        let composition = Composition(
            host: host, backends: backends,
            limits: try limits.resolve(
                defaultRate: 0, descriptors: .claim(own: Composition.descriptors),
                others: grpcConnections),
            grpcConnections: grpcConnections,
            grpcHost: grpcHost, grpcPort: try Self.grpcPortSetting.resolve(flag: grpcPort),
            patience: try Self.reannounceAfterSetting.resolve(flag: reannounceAfter))
        try await composition.run()
    }
}
