import Access
import GRPCCore
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import OrderServiceRPC
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel
import SwiftProtobuf

/// The gRPC door of Orders: the same use cases, rules and words as over HTTP.
struct OrderRPC: Orders_OrderService.ServiceProtocol {
    let placeOrder: PlaceOrder
    let findOrder: FindOrder
    let listOrders: ListOrders
    let gate: StartGate
    let access: AccessGuard
    let limits: OrderRPCServer.Limits
    let logger: Logger
    /// From a call's message to its answer; longer than any wait inside it should take.
    var deadline: Duration = .seconds(10)
    private let metrics = RPCMetrics()

    /// What ListOrders gives at most, in this contract that has no pages.
    private static let listLimit = 1_000
    /// And how many bytes: clients refuse messages of more than 4 MiB unless told otherwise.
    private static let listByteLimit = 4_000_000

    func createOrder(
        request: ServerRequest<Orders_CreateOrderRequest>, context: ServerContext
    ) async throws -> ServerResponse<Orders_Order> {
        try await answer(request, context, needing: .operator) { message, call, caller in
            let wish = try PlaceOrder.Wish(message, request.metadata, call, of: caller)
            for answer in await placeOrder(together: [wish]) {
                let (order, isReplayed) = try answer.get().message
                return ServerResponse(
                    message: order, metadata: isReplayed ? ["idempotent-replayed": "true"] : [:])
            }
            throw RPCError(code: .internalError, message: "Internal Server Error")
        }
    }

    func getOrder(
        request: ServerRequest<Orders_GetOrderRequest>, context: ServerContext
    ) async throws -> ServerResponse<Orders_Order> {
        try await answer(request, context, needing: .viewer) { message, _, _ in
            guard let id = OrderID(message.orderID), let order = try await findOrder(id) else {
                throw RPCError(code: .notFound, message: "Order not found")
            }
            return ServerResponse(message: Orders_Order(order))
        }
    }

    func listOrders(
        request: ServerRequest<Google_Protobuf_Empty>, context: ServerContext
    ) async throws -> ServerResponse<Orders_ListOrdersResponse> {
        try await answer(request, context, needing: .viewer) { _, _, _ in
            let page = try await listOrders(OrderQuery(limit: Self.listLimit))
            return ServerResponse(
                message: .with { answer in
                    var rest = Self.listByteLimit
                    answer.orders = page.orders.prefix { order in
                        rest -= order.encodedSizeLimit
                        return rest >= 0
                    }.map(Orders_Order.init)
                })
        }
    }

    /// Does a call's work within the deadline, and leaves a log line and its numbers behind.
    private func answer<Message: Sendable, Answer: Sendable>(
        _ request: ServerRequest<Message>, _ context: ServerContext, needing role: Role,
        _ work:
            @escaping @Sendable (Message, Call, Caller) async throws -> ServerResponse<Answer>
    ) async throws -> ServerResponse<Answer> {
        let call = Call(
            method: context.descriptor.method, request.metadata, within: deadline)
        let result: Result<ServerResponse<Answer>, RPCError>
        do {
            let caller = try self.caller(
                request.metadata, ClientKey(peer: context.remotePeer), needing: role)
            try gate.admit()
            result = .success(
                try await withDeadline(deadline) { [requests = limits.requests] in
                    try await requests.pass { try await work(request.message, call, caller) }
                })
        } catch {
            result = .failure(fault(for: error, call.correlation))
        }
        observe(call, result)
        var response = try result.get()
        response.metadata.addString(call.correlation.requestID ?? "", forKey: "x-request-id")
        return response
    }

    /// Who calls; whoever is refused for his token counts towards his address's rate.
    private func caller(
        _ metadata: Metadata, _ address: @autoclosure () -> ClientKey, needing role: Role
    ) throws -> Caller {
        let caller = Result { try access.admit(Credentials(metadata), needing: role) }
        try limits.limiter.admit(ClientKey(try? caller.get()) ?? address())
        return try caller.get()
    }

    /// What callers cannot act on is logged, never shown.
    private func fault(for error: any Error, _ correlation: Correlation) -> RPCError {
        switch error {
        case let error as RPCError: return error
        case let refusal as AccessRefusal: return RPCError(refusal)
        case let fault as HTTPFault where fault.status == .serviceUnavailable:
            return RPCError(code: .unavailable, message: fault.detail.string ?? "Unavailable")
        case let fault as HTTPFault where fault.status == .tooManyRequests:
            return RPCError(
                code: .resourceExhausted, message: fault.detail.string ?? "Too many requests",
                metadata: ["retry-after": "\(fault.headers[.retryAfter] ?? "1")"])
        case let fault as HTTPFault:
            // Callers that speak HTTP to others need to tell it from a wrong field.
            return RPCError(
                code: .invalidArgument, message: fault.words,
                metadata: fault == .keyReused ? ["kassa-error": "idempotency_key_reused"] : [:])
        case is IdempotencyKeyIsBusy:
            return RPCError(
                code: .aborted, message: "A request with this idempotency-key is still under way")
        case is CancellationError:
            return RPCError(code: .unavailable, message: "Service is shutting down")
        case _ where isTransient(error):
            return RPCError(code: .unavailable, message: "Service is temporarily unavailable")
        default:
            logger.error(
                "call failed",
                metadata: [
                    "error": "\(error)", "request_id": "\(correlation.requestID ?? "")",
                ])
            return RPCError(code: .internalError, message: "Internal Server Error")
        }
    }

    private func observe<Answer>(_ call: Call, _ result: Result<Answer, RPCError>) {
        let elapsed = ContinuousClock.now - call.started
        let failure = result.failure?.code
        metrics.observe(call.method, failure, elapsed: elapsed)
        logger.debug(
            "call",
            metadata: [
                "method": "\(call.method)", "code": "\(failure.map { "\($0)" } ?? "ok")",
                "ms": "\(elapsed / .milliseconds(1))",
                "request_id": "\(call.correlation.requestID ?? "")",
            ])
    }
}

// MARK: The same for calls that the library does not see (``CallStream``).

extension OrderRPC {
    /// A call on its way through the door.
    struct Call: Sendable {
        let method: String
        let started = ContinuousClock.now
        /// When it is over, answered or not.
        let deadline: ContinuousClock.Instant
        let correlation: Correlation

        init(method: String, _ metadata: Metadata, within limit: Duration) {
            self.method = method
            deadline = started + limit
            correlation = Correlation(metadata)
        }
    }

    /// What a call is told whose deadline is over.
    static let tooLate = RPCError(
        code: .deadlineExceeded, message: "Orders did not answer in time")

    /// Lets a call in, which then holds a place in the gate.
    func wish(
        _ message: Orders_CreateOrderRequest, _ metadata: Metadata, _ call: Call,
        _ address: @autoclosure () -> SocketAddress?
    ) throws -> PlaceOrder.Wish {
        let caller = try caller(metadata, ClientKey(address()), needing: .operator)
        try gate.admit()
        let wish = try PlaceOrder.Wish(message, metadata, call, of: caller)
        try limits.requests.takePlace()
        return wish
    }

    /// What a call is told, which leaves its log line and its numbers behind.
    func told(
        _ outcome: Result<Idempotent<Order>, any Error>, of call: Call
    ) -> Result<(order: Orders_Order, isReplayed: Bool), RPCError> {
        let result = Result { try outcome.get().message }
            .mapError { fault(for: $0, call.correlation) }
        observe(call, result)
        return result
    }
}
