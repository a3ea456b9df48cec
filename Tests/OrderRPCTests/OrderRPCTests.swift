import Access
import GRPCCore
import Logging
import Messaging
import OrderServiceRPC
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel
import SwiftProtobuf
import TestDoubles
import TestSupport
import Testing

@testable import OrdersPresentation

@Suite struct OrderRPCTests {
    private let orders = InMemoryOrderRepository()

    @Test func `an order that is placed can be found and listed`() async throws {
        let service = service(orders)
        let placed = try await service.create("ann", 42.5, "tea")
        #expect(placed.userID == "ann")
        #expect(placed.amount == 42.5)
        #expect(placed.description_p == "tea")
        #expect(placed.status == "PENDING")
        #expect(placed.failureReason.isEmpty)
        #expect(placed.createdAt == placed.updatedAt)
        #expect(placed.createdAt.hasSuffix("Z"))
        #expect(try await service.get(placed.orderID) == placed)
        let later = try await service.create("bob", 0.01)
        #expect(try await service.list() == [later, placed])
    }

    @Test func `a failed order says why`() async throws {
        let service = service(orders)
        let placed = try await service.create("ann", 42.5)
        let outcome = PaymentOutcome(
            orderID: try #require(OrderID(placed.orderID)), userID: try UserID("ann"),
            amount: try Amount(42.5), verdict: .failed(.insufficientFunds))
        _ = try await SettleOrders(orders: orders)([outcome])
        let found = try await service.get(placed.orderID)
        #expect(found.status == "FAILED")
        #expect(found.failureReason == "insufficient_funds")
    }

    @Test(arguments: [0.01, 0.1, 0.29, 1.1, 4.35, 1e9, 9999999999.99])
    func `an amount comes back as it was sent`(amount: Double) async throws {
        #expect(try await service(orders).create("ann", amount).amount == amount)
    }

    @Test func `the list ends at the newest 1,000`() async throws {
        let service = service(orders)
        let oldest = try await service.create("ann", 1)
        for _ in 0..<1_000 { _ = try await service.create("ann", 1) }
        let listed = try await service.list()
        #expect(listed.count == 1_000)
        #expect(!listed.contains(oldest))
    }

    @Test func `the list stays under the 4 MiB that clients accept`() async throws {
        let service = service(orders)
        let (user, text) = (
            String(repeating: "🛒", count: 32), String(repeating: "🧾", count: 1_000)
        )
        for _ in 0..<1_000 { _ = try await service.create(user, 9_999_999_999.99, text) }
        let listed = try await service.list()
        let answer = Orders_ListOrdersResponse.with { $0.orders = listed }
        let size = try answer.serializedData().count
        #expect(size < 4 << 20, "\(listed.count) orders")
        #expect(size > 3_900_000, "and no emptier than it must be")
        #expect(listed == listed.sorted { $0.orderID > $1.orderID })
    }

    private static let refusals: [(String, Double, String, String)] = [
        ("", 1, "", "user_id: String should have at least 1 character"),
        (
            String(repeating: "u", count: 129), 1, "",
            "user_id: String should have at most 128 bytes"
        ),
        ("ann", 0, "", "amount: Input should be greater than 0"),
        ("ann", -1, "", "amount: Input should be greater than 0"),
        ("ann", 1.001, "", "amount: Decimal input should have no more than 2 decimal places"),
        ("ann", 1e10, "", "amount: Input should be less than or equal to 9999999999.99"),
        ("ann", .infinity, "", "amount: Input should be a valid decimal"),
        ("ann", .nan, "", "amount: Input should be a valid decimal"),
        (
            "ann", 1, "\u{1B}",
            "description: Value error, control and bidirectional characters are not allowed"
        ),
        (
            "", 0, "",
            "user_id: String should have at least 1 character; "
                + "amount: Input should be greater than 0"
        ),
    ]

    @Test(arguments: refusals)
    func `a value outside its rule is an invalid argument, in the words of HTTP`(
        user: String, amount: Double, description: String, words: String
    ) async throws {
        let service = service(orders)
        let error = await #expect(throws: RPCError.self) {
            try await service.create(user, amount, description)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == words)
        #expect(try await service.list().isEmpty)
    }

    @Test func `a key makes of two calls one order, and the second says so`() async throws {
        let service = service(orders)
        func create(_ amount: Double, _ keys: String...) async throws
            -> ServerResponse<Orders_Order>
        {
            var metadata = Metadata()
            for key in keys { metadata.addString(key, forKey: "idempotency-key") }
            let message = Orders_CreateOrderRequest.with {
                $0.userID = "ann"
                $0.amount = amount
            }
            return try await service.createOrder(
                request: ServerRequest(metadata: metadata, message: message), context: .sample)
        }
        func isReplayed(_ response: ServerResponse<Orders_Order>) -> Bool {
            response.metadata[stringValues: "idempotent-replayed"].contains("true")
        }
        let first = try await create(1, "k")
        let again = try await create(1, "k")
        #expect(try again.message == first.message)
        #expect(isReplayed(again) && !isReplayed(first))
        let reused = await #expect(throws: RPCError.self) { try await create(2, "k") }
        #expect(reused?.code == .invalidArgument)
        #expect(
            reused?.metadata[stringValues: "kassa-error"].contains("idempotency_key_reused")
                == true)
        for wrong in [[""], ["two words"], ["k", "l"]] {
            let error = await #expect(throws: RPCError.self) {
                if wrong.count == 2 {
                    try await create(1, wrong[0], wrong[1])
                } else {
                    try await create(1, wrong[0])
                }
            }
            #expect(error?.code == .invalidArgument, "\(wrong)")
        }
        orders.faults.fail(1, IdempotencyKeyIsBusy())
        let busy = await #expect(throws: RPCError.self) { try await create(1, "k") }
        #expect(busy?.code == .aborted)
        #expect(try await service.list().count == 1)
    }

    @Test(arguments: ["", "no-uuid", "00000000-0000-7000-8000-000000000000"])
    func `an order that is not there is not found`(id: String) async {
        let service = service(orders)
        let error = await #expect(throws: RPCError.self) { try await service.get(id) }
        #expect(error?.code == .notFound)
        #expect(error?.message == "Order not found")
    }

    @Test func `a fault that may pass is unavailable, any other internal, and neither is shown`()
        async
    {
        let service = service(orders)
        for (isTransient, code) in [(true, RPCError.Code.unavailable), (false, .internalError)] {
            orders.faults.fail(1, ScriptedFault(isTransient: isTransient))
            let error = await #expect(throws: RPCError.self) {
                try await service.create("ann", 1)
            }
            #expect(error?.code == code)
            #expect(error?.message.contains("ScriptedFault") == false)
        }
    }

    @Test func `until the gate opens every call is unavailable`() async throws {
        let gate = StartGate()
        let service = service(orders, gate: gate)
        let error = await #expect(throws: RPCError.self) { try await service.list() }
        #expect(error?.code == .unavailable)
        gate.open()
        #expect(try await service.list().isEmpty)
    }

    @Test func `a call that takes too long ends at its deadline`() async {
        let service = service(StalledRepository(), deadline: .milliseconds(20))
        let error = await #expect(throws: RPCError.self) { try await service.list() }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test(.timeLimit(.minutes(1)))
    func `the deadline holds while an order is being committed, which nobody can cancel`() async {
        let service = service(StalledRepository(isDeaf: true), deadline: .milliseconds(20))
        let error = await #expect(throws: RPCError.self) { try await service.create("ann", 1) }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func `a client beyond its rate has exhausted its resources`() async throws {
        var limits = RequestLimits()
        limits.rate = 0.01
        limits.burst = 2
        let service = service(
            orders,
            limits: OrderRPCServer.Limits(
                connections: 1, limiter: RateLimiter(limits), requests: RequestGate(1)))
        for _ in 0..<2 { _ = try await service.list() }
        let error = await #expect(throws: RPCError.self) { try await service.list() }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message == "Too many requests")
        let wait = error.flatMap { $0.metadata[stringValues: "retry-after"].first { _ in true } }
        #expect(wait.flatMap { Int($0) }.map { (90...100).contains($0) } == true)
    }

    @Test(.timeLimit(.minutes(1)))
    func `more calls than the bound are unavailable at once, given-up ones included`() async throws
    {
        let requests = RequestGate(1)
        let limits = OrderRPCServer.Limits(
            connections: 1, limiter: RateLimiter(RequestLimits()), requests: requests)
        let hasty = service(
            StalledRepository(isDeaf: true), limits: limits, deadline: .milliseconds(20))
        let first = await #expect(throws: RPCError.self) { try await hasty.create("ann", 1) }
        #expect(first?.code == .deadlineExceeded)
        // What the first call began is still under way.
        try await eventually { requests.count == 1 }
        let patient = service(StalledRepository(isDeaf: true), limits: limits)
        let second = await #expect(throws: RPCError.self) { try await patient.create("ann", 1) }
        #expect(second?.code == .unavailable)
        #expect(second?.message == "Too busy, try again")
    }

    @Test func `a call that is cancelled says that the service stops`() async {
        let service = service(StalledRepository())
        let call = Task { try await service.list() }
        call.cancel()
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .unavailable)
    }

    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `what ties the trip together rides along and the id comes back`() async throws {
        let outbox = InMemoryOutbox()
        let service = service(InMemoryOrderRepository(outbox: outbox))
        var request = ServerRequest(
            metadata: ["x-request-id": "r-1", "traceparent": "\(Self.trace)"],
            message: Orders_CreateOrderRequest())
        request.message.userID = "ann"
        request.message.amount = 1
        let response = try await service.createOrder(request: request, context: .sample)
        #expect(Array(response.metadata[stringValues: "x-request-id"]) == ["r-1"])
        var headers: [[String: String]] = []
        _ = try await outbox.relay(upTo: 10) { messages in
            headers = messages.map(\.headers)
            return messages.map { _ in .delete }
        }
        #expect(headers == [["x-request-id": "r-1", "traceparent": Self.trace]])
    }

    @Test(arguments: ["", "two words", "\u{7}", String(repeating: "r", count: 129)])
    func `a request id that could do harm is replaced`(given: String) async throws {
        let request = ServerRequest(
            metadata: ["x-request-id": "\(given)"], message: Google_Protobuf_Empty())
        let response = try await service(orders).listOrders(request: request, context: .sample)
        let answered = try #require(
            response.metadata[stringValues: "x-request-id"].first { _ in true })
        #expect(answered != given)
        #expect(answered.count == 32)
    }

    private func service(
        _ orders: any OrderRepository, gate: StartGate? = nil,
        access: AccessGuard = AccessGuard(tokens: nil),
        limits: OrderRPCServer.Limits = .standard, deadline: Duration = .seconds(60)
    ) -> OrderRPC {
        let open = StartGate()
        open.open()
        return OrderRPC(
            placeOrder: PlaceOrder(orders: orders), findOrder: FindOrder(orders: orders),
            listOrders: ListOrders(orders: orders), gate: gate ?? open,
            access: access, limits: limits, logger: Logger(label: "test"), deadline: deadline)
    }
}

extension OrderRPC {
    fileprivate func create(
        _ user: String, _ amount: Double, _ description: String = ""
    ) async throws -> Orders_Order {
        let message = Orders_CreateOrderRequest.with {
            $0.userID = user
            $0.amount = amount
            $0.description_p = description
        }
        return try await createOrder(
            request: ServerRequest(metadata: [:], message: message), context: .sample
        ).message
    }

    fileprivate func get(_ id: String) async throws -> Orders_Order {
        let message = Orders_GetOrderRequest.with { $0.orderID = id }
        return try await getOrder(
            request: ServerRequest(metadata: [:], message: message), context: .sample
        ).message
    }

    fileprivate func list() async throws -> [Orders_Order] {
        try await listOrders(
            request: ServerRequest(metadata: [:], message: Google_Protobuf_Empty()),
            context: .sample
        ).message.orders
    }
}

extension ServerContext {
    fileprivate static var sample: ServerContext {
        ServerContext(
            descriptor: MethodDescriptor(
                service: ServiceDescriptor(fullyQualifiedService: "orders.OrderService"),
                method: "Sample", type: .unary),
            remotePeer: "in-process:1", localPeer: "in-process:2",
            cancellation: RPCCancellationHandle())
    }
}

/// A database that never answers; a call ends when its task is cancelled.
struct StalledRepository: OrderRepository {
    /// Whether not even a cancelled task has its answer, as when a commit is under way.
    var isDeaf = false

    private func stall() async throws -> Never {
        let silence = AsyncStream<Never>.makeStream()
        if isDeaf {
            await Task { for await _ in silence.stream {} }.value
        } else {
            for await _ in silence.stream {}
        }
        throw CancellationError()
    }

    func add(_ additions: [OrderAddition]) async -> [Result<Idempotent<Order>, any Error>] {
        do {
            try await stall()
        } catch {
            return additions.map { _ in .failure(error) }
        }
    }

    func find(_ id: OrderID) async throws -> Order? { try await stall() }

    func findWithHistory(_ id: OrderID) async throws -> (Order, [OrderChange])? {
        try await stall()
    }

    func list(_ query: OrderQuery) async throws -> [Order] { try await stall() }

    func summary() async throws -> OrderSummary { try await stall() }

    func settle<Decision: Sendable>(
        _ requests: [SettleRequest],
        _ decide: @escaping @Sendable (PaymentOutcome, inout Order?) -> Decision
    ) async throws -> [Decision] { try await stall() }
}
