package import Access
import GRPCCore
import GRPCNIOTransportHTTP2Posix
package import OrderServiceRPC
import ServiceLifecycle
package import SharedKernel
import SwiftProtobuf

/// Calls Orders over gRPC: one kept connection and a deadline on every call. No call is sent twice,
/// but for an order that has a key.
package struct OrdersRPCClient: Service {
    private let client: GRPCClient<HTTP2ClientTransport.Posix>
    private let deadline: Duration
    private let credential: ServiceCredential?
    /// How the connection is made safe.
    package enum Security: Sendable {
        /// It is not: for loopback.
        case none
        /// TLS 1.2 or later. `authority` vouches for the service's certificate: a file in PEM; nil
        /// for those whom the system trusts.
        case tls(authority: String?)

        fileprivate var transport: HTTP2ClientTransport.Posix.TransportSecurity {
            switch self {
            case .none: .plaintext
            case .tls(nil): .tls
            case .tls(let authority?):
                .tls { $0.trustRoots = .certificates([.file(path: authority, format: .pem)]) }
            }
        }
    }

    /// 1,000 orders at their longest are 5 MiB.
    private static let answerLimit = 16_777_216

    /// - Parameters:
    ///   - host: a name or an address.
    ///   - deadline: for each call.
    ///   - credential: shown at the service's door.
    ///   - security: how the connection is made safe.
    package init(
        host: String, port: Int, deadline: Duration = .seconds(10),
        credential: ServiceCredential? = nil, security: Security = .none
    ) throws {
        self.deadline = deadline
        self.credential = credential
        let transport = try HTTP2ClientTransport.Posix(
            target: .dns(host: host, port: port), transportSecurity: security.transport,
            config: .defaults { config in
                // The default waits two minutes before it looks again for a service that has long
                // been back.
                config.backoff = .init(
                    initial: .milliseconds(100), max: .seconds(1), multiplier: 1.6, jitter: 0.2)
            })
        client = GRPCClient(transport: transport)
    }

    /// Keeps the connection until the shutdown has closed the doors that use it.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await client.runConnections()
        } onGracefulShutdown: {
            client.beginGracefulShutdown()
        }
    }

    /// Places an order; under a key it goes out again where Orders cannot be reached, as over HTTP.
    ///
    /// - Returns: the order, and whether it is the answer to an earlier call under the key.
    /// - Throws: `RPCError`.
    package func createOrder(
        _ order: Orders_CreateOrderRequest, under key: IdempotencyKey?,
        _ correlation: Correlation, for caller: Caller
    ) async throws -> (order: Orders_Order, isReplayed: Bool) {
        var metadata = metadata(correlation, caller)
        var options = options
        if let key {
            metadata.addString(key.text, forKey: "idempotency-key")
            options.executionPolicy = .retry(Self.retries)
        }
        return try await service.createOrder(
            request: ClientRequest(message: order, metadata: metadata), options: options
        ) { response in
            let replayed = response.metadata[stringValues: "idempotent-replayed"]
            return (try response.message, replayed.contains("true"))
        }
    }

    /// The library adds the chance to the pauses, and keeps to the call's deadline.
    private static let retries = RetryPolicy(
        maxAttempts: KeyedRetries.limit + 1, initialBackoff: KeyedRetries.firstPause,
        maxBackoff: .seconds(1), backoffMultiplier: Double(KeyedRetries.growth),
        retryableStatusCodes: [.unavailable])

    /// Finds an order.
    ///
    /// - Throws: `RPCError`, `notFound` where there is none.
    package func getOrder(
        _ id: String, _ correlation: Correlation, for caller: Caller
    ) async throws -> Orders_Order {
        var request = Orders_GetOrderRequest()
        request.orderID = id
        return try await service.getOrder(
            request, metadata: metadata(correlation, caller), options: options)
    }

    /// The newest 1,000 orders.
    ///
    /// - Throws: `RPCError`.
    package func listOrders(
        _ correlation: Correlation, for caller: Caller
    ) async throws -> [Orders_Order] {
        try await service.listOrders(
            Google_Protobuf_Empty(), metadata: metadata(correlation, caller), options: options
        ).orders
    }

    private var service: Orders_OrderService.Client<HTTP2ClientTransport.Posix> {
        Orders_OrderService.Client(wrapping: client)
    }

    private var options: CallOptions {
        var options = CallOptions.defaults
        options.timeout = deadline
        options.waitForReady = false
        options.maxResponseMessageBytes = Self.answerLimit
        return options
    }

    private func metadata(_ correlation: Correlation, _ caller: Caller) -> Metadata {
        var metadata = Metadata()
        for (name, value) in correlation.headers { metadata.addString(value, forKey: name) }
        for field in credential?.fields(speakingFor: caller) ?? [] {
            metadata.addString(field.value, forKey: field.name)
        }
        return metadata
    }
}
