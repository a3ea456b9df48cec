import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import OrderServiceRPC
import OrdersApplication
import OrdersPresentation
import ServiceHost
import SwiftProtobuf
import TestDoubles
import Testing

@Suite struct OrderRPCServerTests {
    @Test func `the door serves calls and stops when asked, connections open or not`()
        async throws
    {
        try await withServer { port, stop in
            try await withClient(port) { client in
                let order = try await client.createOrder(.with(user: "ann", amount: 42.5))
                #expect(order.status == "PENDING")
                await stop()
                await #expect(throws: RPCError.self) {
                    var options = CallOptions.defaults
                    options.timeout = .seconds(30)
                    options.waitForReady = false
                    while true {
                        _ = try await client.listOrders(Google_Protobuf_Empty(), options: options)
                    }
                }
            }
        }
    }

    @Test func `a message beyond 64 KiB is refused, and the next one served`() async throws {
        try await withServer { port, _ in
            try await withClient(port) { client in
                var large = Orders_CreateOrderRequest.with(user: "ann", amount: 1)
                large.description_p = String(repeating: "d", count: 70_000)
                await #expect(throws: RPCError.self) { try await client.createOrder(large) }
                let order = try await client.createOrder(.with(user: "ann", amount: 1))
                #expect(order.status == "PENDING")
            }
        }
    }

    @Test func `an address that is taken or none says so and what to change`() async throws {
        try await withServer { port, _ in
            let failure = await #expect(throws: StartFailure.self) {
                try await server(port: port).run()
            }
            #expect(
                failure?.description.hasPrefix("cannot serve gRPC on 127.0.0.1:\(port): ") == true)
            #expect(failure?.description.contains("--grpc-port") == true)
        }
        await #expect(throws: StartFailure.self) {
            try await server(host: "nowhere", port: 0).run()
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1", "::1", "[::1]"])
    func `the host may be a name for loopback or an address of either kind`(
        host: String
    ) async throws {
        try await withServer(host: host) { port, _ in #expect(port > 0) }
    }

    private func server(
        host: String = "127.0.0.1", port: Int,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws -> OrderRPCServer {
        let orders = InMemoryOrderRepository()
        let gate = StartGate()
        gate.open()
        return try OrderRPCServer(
            host: host, port: port, placeOrder: PlaceOrder(orders: orders),
            findOrder: FindOrder(orders: orders), listOrders: ListOrders(orders: orders),
            gate: gate, security: DoorSecurity(), logger: Logger(label: "test"),
            onListening: onListening)
    }

    /// Runs a server on a free port; returning proves that it stopped.
    private func withServer(
        host: String = "127.0.0.1",
        _ body: (_ port: Int, _ stop: @Sendable () async -> Void) async throws -> Void
    ) async throws {
        try await serving({ try server(host: host, port: 0, onListening: $0) }, body)
    }

    private func withClient(
        _ port: Int,
        _ body:
            @Sendable (
                Orders_OrderService.Client<HTTP2ClientTransport.Posix>
            ) async throws -> Void
    ) async throws {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
        try await withGRPCClient(transport: transport) { client in
            try await body(Orders_OrderService.Client(wrapping: client))
        }
    }
}

extension Orders_CreateOrderRequest {
    fileprivate static func with(user: String, amount: Double) -> Self {
        .with {
            $0.userID = user
            $0.amount = amount
        }
    }
}
