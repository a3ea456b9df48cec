import ServiceHost

/// What an operator can set besides what every daemon has.
struct GatewaySettings {
    let orders: String
    let payments: String
    let ordersRPC: Endpoint
    let connect: Duration
    let total: Duration
    let docsDirectory: String

    /// A host and a port.
    struct Endpoint: Sendable {
        let host: String
        let port: Int

        init?(_ text: String) {
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
        "ORDER_SERVICE_URL", "Where Orders serves HTTP", schemes: ["http"],
        default: "http://127.0.0.1:8001")
    static let payments = Setting<String>.url(
        "PAYMENT_SERVICE_URL", "Where Payments serves HTTP", schemes: ["http"],
        default: "http://127.0.0.1:8002")
    static let ordersRPC = Setting<Endpoint>(
        "ORDER_SERVICE_GRPC", "Where Orders serves gRPC", default: "127.0.0.1:50051",
        expected: "a host and a port, as in 127.0.0.1:50051"
    ) { Endpoint($0) }
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
