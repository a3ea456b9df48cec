import Access
import AsyncHTTPClient
import GatewayInfrastructure
import GatewayPresentation
import Logging
import NIOCore
import NIOHTTP1
import ServiceHost
import ServiceLifecycle

/// The gateway in this process, on a free port, in front of services that a test made.
struct Gateway {
    /// An answer, whole.
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: String

        /// A header's values, joined where there are several.
        func field(_ name: String) -> String? {
            let values = headers[name]
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
    }

    let port: Int

    /// Opens a gateway, runs the body and shuts down gracefully.
    static func open<Result: Sendable>(
        orders: Int = 1, payments: Int = 1, rpc: Int = 1,
        deadlines: UpstreamClient.Deadlines = .init(), swaggerUI: SwaggerUIFiles? = nil,
        access: AccessGuard = AccessGuard(tokens: nil), credential: ServiceCredential? = nil,
        _ body: @escaping @Sendable (Gateway) async throws -> Result
    ) async throws -> Result {
        let orders = Upstream(name: "Orders", url: "http://127.0.0.1:\(orders)/")
        let payments = Upstream(name: "Payments", url: "http://127.0.0.1:\(payments)")
        let client = UpstreamClient(deadlines: deadlines, credential: credential)
        let rpc = try OrdersRPCClient(
            host: "127.0.0.1", port: rpc, deadline: deadlines.total, credential: credential)
        let router = ServiceRouter(
            readiness: UpstreamReadiness([orders, payments], client: client, own: Readiness()),
            metrics: MetricsRegistry(), access: access)
        GatewayRoutes(
            client: client, rpc: rpc, orders: orders, payments: payments, swaggerUI: swaggerUI
        ).add(to: router)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(router: router, host: "127.0.0.1", port: 0, logger: logger) {
            listening.yield($0)
        }
        let group = ServiceGroup(
            configuration: .init(services: [client, rpc, server], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            guard let port = await ports.first(where: { _ in true }) else {
                throw CancellationError()
            }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(Gateway(port: port)))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// One call; `headers` are "Name: value".
    func call(
        _ method: String, _ target: String, _ headers: String..., body: String? = nil
    ) async throws -> Answer {
        try await call(method, target, headers: headers, body: body)
    }

    /// The same with the headers as a list.
    func call(
        _ method: String, _ target: String, headers: [String], body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(target)")
        request.method = HTTPMethod(rawValue: method)
        for header in headers {
            let parts = header.split(separator: ": ", maxSplits: 1)
            request.headers.add(name: String(parts[0]), value: String(parts[1]))
        }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 16_777_216)
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: String(buffer: bytes))
    }
}

/// A client of our own, shut down whatever happens.
func withUpstreamClient<Result: Sendable>(
    _ body: (UpstreamClient) async throws -> Result
) async throws -> Result {
    let client = UpstreamClient()
    do {
        let result = try await body(client)
        try await client.shutdown()
        return result
    } catch {
        try await client.shutdown()
        throw error
    }
}
