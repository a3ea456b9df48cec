import ServiceHost

/// What an operator can set besides what every daemon has.
struct GatewaySettings {
    let orders: String
    let payments: String
    let ordersRPC: Endpoint
    let connect: Duration
    let total: Duration
    let docsDirectory: String
    let serviceTokenFile: String?
    let upstreamCAFile: String?

    /// A host and a port, with `https://` before them where it speaks TLS.
    struct Endpoint: Sendable {
        let host: String
        let port: Int
        let isEncrypted: Bool

        init?(_ text: String) {
            isEncrypted = text.hasPrefix("https://")
            let text = isEncrypted ? String(text.dropFirst("https://".count)) : text
            guard let colon = text.lastIndex(of: ":"),
                let port = UInt16(text[text.index(after: colon)...]), port > 0
            else { return nil }
            let host = text[..<colon]
            guard !host.isEmpty, !host.contains("/") else { return nil }
            self.host = String(host)
            self.port = Int(port)
        }
    }

    static let orders = Setting<String>.url(
        "ORDER_SERVICE_URL", "Where Orders serves HTTP", schemes: ["http", "https"],
        default: "http://127.0.0.1:8001")
    static let payments = Setting<String>.url(
        "PAYMENT_SERVICE_URL", "Where Payments serves HTTP", schemes: ["http", "https"],
        default: "http://127.0.0.1:8002")
    static let ordersRPC = Setting<Endpoint>(
        "ORDER_SERVICE_GRPC", "Where Orders serves gRPC", default: "127.0.0.1:50051",
        expected: "a host and a port, as in 127.0.0.1:50051 or, for TLS, https://orders:50051"
    ) { Endpoint($0) }
    static let serviceToken = FileSetting(
        "SERVICE_TOKEN_FILE", credential: "service-token",
        "The gateway's own token (role service) for the services' doors; read anew on SIGHUP")
    static let upstreamCA = FileSetting(
        "UPSTREAM_CA_FILE", credential: "upstream-ca",
        "Who vouches for the services' certificates, in PEM; without it those whom the system "
            + "trusts")
    static let connect = Setting<Duration>.seconds(
        "UPSTREAM_CONNECT_TIMEOUT", "Seconds to a connection with a service", in: 0.05...60,
        default: "2")
    static let total = Setting<Duration>.seconds(
        "UPSTREAM_TIMEOUT", "Seconds for a service's whole answer", in: 0.05...300,
        default: "10")
    static let docsDirectory = Setting<String>.text(
        "DOCS_DIRECTORY", "Folder of Swagger UI's files, for /docs",
        default: "/usr/share/kassa/swagger-ui")
}
