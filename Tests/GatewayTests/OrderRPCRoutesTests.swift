import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GatewayInfrastructure
import OrderServiceRPC
import SwiftProtobuf
import Synchronization
import Testing

/// Orders' gRPC door, answering as a test says.
private struct StubOrders: Orders_OrderService.SimpleServiceProtocol {
    var failure: RPCError?
    var amount = 42.5
    var isSilent = false
    /// Orders that are refused as if nobody were there, before one is taken.
    var refusals = 0
    let seen = Seen()

    final class Seen: Sendable {
        private let state = Mutex<([Metadata], [Orders_CreateOrderRequest])>(([], []))

        var metadata: [Metadata] { state.withLock { $0.0 } }
        var created: [Orders_CreateOrderRequest] { state.withLock { $0.1 } }

        func note(_ metadata: Metadata) { state.withLock { $0.0.append(metadata) } }
        func note(_ order: Orders_CreateOrderRequest) { state.withLock { $0.1.append(order) } }
    }

    private func order(_ id: String) -> Orders_Order {
        var order = Orders_Order()
        order.orderID = id
        order.userID = "alice"
        order.amount = amount
        order.description_p = "tea"
        order.status = "FAILED"
        order.createdAt = "2026-01-02T03:04:05.000000Z"
        order.failureReason = "insufficient_funds"
        return order
    }

    func createOrder(
        request: Orders_CreateOrderRequest, context: ServerContext
    ) async throws -> Orders_Order {
        seen.note(request)
        if seen.created.count <= refusals { throw RPCError(code: .unavailable, message: "") }
        try await answer()
        return order("0191e8a0-0000-7000-8000-000000000001")
    }

    func getOrder(
        request: Orders_GetOrderRequest, context: ServerContext
    ) async throws -> Orders_Order {
        try await answer()
        return order(request.orderID)
    }

    func listOrders(
        request: Google_Protobuf_Empty, context: ServerContext
    ) async throws -> Orders_ListOrdersResponse {
        try await answer()
        var response = Orders_ListOrdersResponse()
        response.orders = [order("2"), order("1")]
        return response
    }

    private func answer() async throws {
        if isSilent {
            // Never gives anything; the wait ends when the call is cancelled.
            let (silence, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in silence {}
        }
        if let failure { throw failure }
    }

    /// Runs the door on a free port while the body runs.
    func open<Result: Sendable>(
        _ body: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
            services: [self], interceptors: [MetadataNotes(seen: seen)])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            defer { group.cancelAll() }
            let port = try #require(try await server.listeningAddress?.ipv4?.port)
            return try await body(port)
        }
    }
}

private struct MetadataNotes: ServerInterceptor {
    let seen: StubOrders.Seen

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>, context: ServerContext,
        next:
            @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws ->
            StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        seen.note(request.metadata)
        return try await next(request, context)
    }
}

@Suite(.timeLimit(.minutes(1))) struct OrderRPCRoutesTests {
    private static let json = "Content-Type: application/json"
    private static let id = "0191e8a0-0000-7000-8000-000000000001"
    private static let order =
        #""user_id":"alice","amount":42.50,"description":"tea","status":"FAILED","#
        + #""created_at":"2026-01-02T03:04:05.000000Z","failure_reason":"insufficient_funds"}"#

    @Test func `an order is created, found and listed through gRPC`() async throws {
        let stub = StubOrders()
        try await stub.open { port in
            try await Gateway.open(rpc: port) { gateway in
                let created = try await gateway.call(
                    "POST", "/grpc/orders/", Self.json, "X-Request-ID: trip-7",
                    body: #"{"user_id":"alice","amount":"42.50","description":"tea"}"#)
                #expect(created.status == 201)
                #expect(created.field("Location") == "/grpc/orders/\(Self.id)")
                #expect(created.body == #"{"order_id":"\#(Self.id)","# + Self.order)
                let request = try #require(stub.seen.created.first)
                #expect(request.userID == "alice")
                #expect(request.amount == 42.5)
                #expect(request.description_p == "tea")
                let metadata = try #require(stub.seen.metadata.first)
                #expect(Array(metadata[stringValues: "x-request-id"]) == ["trip-7"])
                let found = try await gateway.call("GET", "/grpc/orders/\(Self.id)")
                #expect(found.status == 200)
                #expect(found.body == created.body)
                let listed = try await gateway.call("GET", "/grpc/orders")
                #expect(
                    listed.body == #"[{"order_id":"2","# + Self.order + #",{"order_id":"1","#
                        + Self.order + "]")
            }
        }
    }

    @Test(
        arguments: [
            (.notFound, 404, "Order not found"), (.alreadyExists, 409, "words"),
            (.invalidArgument, 422, "words"), (.unavailable, 503, "Orders service is unavailable"),
            (.deadlineExceeded, 504, "Orders service did not answer in time"),
            (.internalError, 502, "Orders service gave no valid answer"),
            (.unimplemented, 502, "Orders service gave no valid answer"),
        ] as [(RPCError.Code, Int, String)])
    func `a gRPC status becomes its HTTP status`(
        _ code: RPCError.Code, _ status: Int, _ detail: String
    ) async throws {
        try await StubOrders(failure: RPCError(code: code, message: "words")).open { port in
            try await Gateway.open(rpc: port) { gateway in
                let answer = try await gateway.call("GET", "/grpc/orders/\(Self.id)")
                #expect(answer.status == status)
                #expect(answer.body == #"{"detail":"\#(detail)"}"#)
                #expect((answer.field("Retry-After") != nil) == (status == 503))
            }
        }
    }

    private static let tea = #"{"user_id":"alice","amount":42.50,"description":"tea"}"#

    @Test func `a key goes along as metadata, and with it the order goes out again`()
        async throws
    {
        let stub = StubOrders(refusals: 2)
        try await stub.open { port in
            try await Gateway.open(rpc: port) { gateway in
                let answer = try await gateway.call(
                    "POST", "/grpc/orders", Self.json, "Idempotency-Key: k-1", body: Self.tea)
                #expect(answer.status == 201)
                #expect(answer.field("Idempotent-Replayed") == nil)
                #expect(stub.seen.created.count == 3)
                let keys = stub.seen.metadata.map { Array($0[stringValues: "idempotency-key"]) }
                #expect(keys == [["k-1"], ["k-1"], ["k-1"]])
            }
        }
    }

    @Test func `without a key the order goes out once`() async throws {
        let stub = StubOrders(refusals: 2)
        try await stub.open { port in
            try await Gateway.open(rpc: port) { gateway in
                let answer = try await gateway.call(
                    "POST", "/grpc/orders", Self.json, body: Self.tea)
                #expect(answer.status == 503)
                #expect(stub.seen.created.count == 1)
            }
        }
    }

    @Test(
        arguments: [
            (RPCError(code: .aborted, message: "busy"), 409, "still under way"),
            (
                RPCError(
                    code: .invalidArgument, message: "reused",
                    metadata: ["kassa-error": "idempotency_key_reused"]), 422,
                #""type":"idempotency_key_reused""#
            ),
        ])
    func `what Orders says of a key is told in the HTTP words`(
        failure: RPCError, status: Int, words: String
    ) async throws {
        try await StubOrders(failure: failure).open { port in
            try await Gateway.open(rpc: port) { gateway in
                let answer = try await gateway.call(
                    "POST", "/grpc/orders", Self.json, "Idempotency-Key: k-1", body: Self.tea)
                #expect(answer.status == status)
                #expect(answer.body.contains(words))
                #expect((answer.field("Retry-After") == "1") == (status == 409))
            }
        }
    }

    @Test func `what is wrong is told in the HTTP words and never sent`() async throws {
        let stub = StubOrders()
        try await stub.open { port in
            try await Gateway.open(rpc: port) { gateway in
                let answer = try await gateway.call(
                    "POST", "/grpc/orders", Self.json, body: #"{"amount":0}"#)
                #expect(answer.status == 422)
                #expect(answer.body.contains(#""type":"missing","loc":["body","user_id"]"#))
                #expect(answer.body.contains(#""msg":"Input should be greater than 0""#))
                let unknown = try await gateway.call("GET", "/grpc/orders/no-uuid")
                #expect(unknown.status == 404)
                #expect(unknown.body == #"{"detail":"Order not found"}"#)
                #expect(stub.seen.metadata.isEmpty)
            }
        }
    }

    @Test func `a silent service is 504, an absent one 503`() async throws {
        try await StubOrders(isSilent: true).open { port in
            let deadlines = UpstreamClient.Deadlines(total: .milliseconds(300))
            try await Gateway.open(rpc: port, deadlines: deadlines) { gateway in
                let answer = try await gateway.call("GET", "/grpc/orders")
                #expect(answer.status == 504)
            }
        }
        try await Gateway.open { gateway in
            let answer = try await gateway.call("GET", "/grpc/orders")
            #expect(answer.status == 503)
            #expect(answer.field("Retry-After") == "1")
        }
    }

    @Test func `an amount that is no money is no valid answer`() async throws {
        try await StubOrders(amount: .nan).open { port in
            try await Gateway.open(rpc: port) { gateway in
                let answer = try await gateway.call("GET", "/grpc/orders")
                #expect(answer.status == 502)
            }
        }
    }
}
