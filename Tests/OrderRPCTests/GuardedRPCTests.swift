import Access
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import LocalStack
import Logging
import OrderServiceRPC
import OrdersApplication
import OrdersPresentation
import ServiceHost
import SwiftProtobuf
import TestDoubles
import Testing

/// The gRPC door with tokens and TLS, over a real socket.
@Suite struct GuardedRPCTests {
    private typealias Client = Orders_OrderService.Client<HTTP2ClientTransport.Posix>

    private enum Call: String, CaseIterable, Sendable {
        case create, get, list

        var needed: Role { self == .create ? .operator : .viewer }
    }

    /// Who calls, and the role that counts; nil for nobody.
    private static let callers: [(metadata: Metadata, role: Role?)] = [
        ([:], nil), (["authorization": "Bearer wrong"], nil),
        (
            ["authorization": "Bearer see", "kassa-caller": "x", "kassa-caller-role": "service"],
            .viewer
        ),
        (["authorization": "Bearer see"], .viewer), (["authorization": "bearer do"], .operator),
        (["authorization": "Bearer pass"], .service),
        (
            ["authorization": "Bearer pass", "kassa-caller": "x", "kassa-caller-role": "viewer"],
            .viewer
        ),
        (
            ["authorization": "Bearer pass", "kassa-caller": "x", "kassa-caller-role": "operator"],
            .operator
        ),
    ]

    @Test func `each role may make its calls, over TLS and by its token`() async throws {
        try await withDoor { client in
            for (metadata, role) in Self.callers {
                for call in Call.allCases {
                    let code = await Self.code(of: call, by: metadata, client)
                    let expected: RPCError.Code? =
                        switch role {
                        case nil: .unauthenticated
                        case let role? where role < call.needed: .permissionDenied
                        // The order that is looked for does not exist.
                        default: call == .get ? .notFound : nil
                        }
                    #expect(code == expected, "\(call) by \(metadata)")
                }
            }
            let vague: Metadata = ["authorization": "Bearer pass", "kassa-caller": "x"]
            #expect(await Self.code(of: .list, by: vague, client) == .invalidArgument)
            var twice: Metadata = ["authorization": "Bearer see"]
            twice.addString("Bearer see", forKey: "authorization")
            #expect(await Self.code(of: .list, by: twice, client) == .unauthenticated)
        }
    }

    private static func code(
        of call: Call, by metadata: Metadata, _ client: Client
    ) async -> RPCError.Code? {
        do {
            switch call {
            case .create:
                let order = Orders_CreateOrderRequest.with {
                    $0.userID = "ann"
                    $0.amount = 1
                }
                _ = try await client.createOrder(order, metadata: metadata)
            case .get:
                _ = try await client.getOrder(Orders_GetOrderRequest(), metadata: metadata)
            case .list:
                _ = try await client.listOrders(Google_Protobuf_Empty(), metadata: metadata)
            }
            return nil
        } catch {
            return (error as? RPCError)?.code
        }
    }

    private func withDoor(_ body: @Sendable (Client) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-rpc-\(UUID().uuidString)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = Certificates(folder: folder)
        try await certificates.prepare()
        let tokens = [
            ("vera", Role.viewer, "see"), ("otto", .operator, "do"), ("gate", .service, "pass"),
        ]
        .map { name, role, token in
            TokenSet.Entry(
                caller: Caller(name: name, role: role), digest: TokenDigest(of: token)
            ).line
        }
        let file = folder + "/tokens"
        try tokens.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let security = try DoorSecurity(
            tokensFile: file, certificateFile: certificates.certificate, keyFile: certificates.key)
        let orders = InMemoryOrderRepository()
        let gate = StartGate()
        gate.open()
        try await serving { onListening in
            OrderRPCServer(
                host: "127.0.0.1", port: 0, placeOrder: PlaceOrder(orders: orders),
                findOrder: FindOrder(orders: orders), listOrders: ListOrders(orders: orders),
                gate: gate, security: security, logger: Logger(label: "test"),
                onListening: onListening)
        } _: { port, _ in
            let transport = try HTTP2ClientTransport.Posix(
                target: .dns(host: "localhost", port: port),
                transportSecurity: .tls {
                    $0.trustRoots = .certificates([
                        .file(path: certificates.authority, format: .pem)
                    ])
                })
            try await withGRPCClient(transport: transport) { client in
                try await body(Client(wrapping: client))
            }
        }
    }
}
