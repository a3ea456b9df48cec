import Failpoint
package import GatewayInfrastructure
import GRPCCore
import Hummingbird
import HTTPTypes
import JSON
import Logging
import OrderServiceRPC
package import ServiceHost
import SharedKernel

/// `/grpc/orders…`: the same orders as `/orders`, reached through gRPC.
package struct OrderRPCRoutes {
    private let client: OrdersRPCClient

    /// - Parameter client: the connection to Orders.
    package init(client: OrdersRPCClient) { self.client = client }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        let client = client
        router.post("/grpc/orders") { request, context in
            // Checked here, so that the words are the same as over HTTP and never a gRPC message's.
            let order = try RequestFields.read(.init(body: try await readJSON(request, context))) {
                Self.order(&$0)
            }
            let key = try context.idempotencyKey(of: request)
            failpoint("gateway.before-forward")
            let (created, isReplayed) = try await Self.call(context) {
                try await client.createOrder(
                    order, under: key, context.correlation, for: context.caller)
            }
            failpoint("gateway.after-forward")
            var headers: HTTPFields = [.location: "/grpc/orders/\(created.orderID)"]
            if isReplayed { headers[.idempotentReplayed] = "true" }
            return try Self.json(created).response(.created, headers: headers)
        }
        router.get("/grpc/orders") { _, context in
            let orders = try await Self.call(context) {
                try await client.listOrders(context.correlation, for: context.caller)
            }
            return JSONValue.array(try orders.map(Self.json)).response()
        }
        router.get("/grpc/orders/{order_id}") { _, context in
            guard let id = context.pathOrderID("order_id") else { throw Self.notFound }
            let order = try await Self.call(context) {
                try await client.getOrder(id.description, context.correlation, for: context.caller)
            }
            return try Self.json(order).response()
        }
    }

    private static let notFound = HTTPFault(.notFound, "Order not found")

    private static func order(_ fields: inout RequestFields) -> Orders_CreateOrderRequest? {
        let userID = fields.userID("user_id")
        let amount = fields.amount("amount")
        let description = fields.description("description")
        guard let userID, let amount, let description else { return nil }
        var order = Orders_CreateOrderRequest()
        order.userID = userID.text
        order.amount = amount.double
        order.description_p = description.text
        return order
    }

    /// The order as `/orders` shows it: the amount is the double's shortest decimal, which is what
    /// was sent.
    private static func json(_ order: Orders_Order) throws(HTTPFault) -> JSONValue {
        guard let amount = try? Amount(order.amount) else {
            throw HTTPFault(.badGateway, "Orders service gave no valid answer")
        }
        var members: [JSONValue.Member] = [
            .init("order_id", .string(order.orderID)), .init("user_id", .string(order.userID)),
            .init("amount", .number(amount.description)),
            .init("description", .string(order.description_p)),
            .init("status", .string(order.status)),
        ]
        let additions = [
            ("created_at", order.createdAt), ("updated_at", order.updatedAt),
            ("failure_reason", order.failureReason),
        ]
        for (name, text) in additions where !text.isEmpty {
            members.append(.init(name, .string(text)))
        }
        return .object(members)
    }

    private static func call<Value: Sendable>(
        _ context: KassaRequestContext, _ call: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await call()
        } catch let error as RPCError {
            let fault = fault(for: error)
            if fault.status.kind == .serverError {
                context.requestLogger.warning("upstream failed", metadata: ["reason": "\(error)"])
            }
            throw fault
        }
    }

    private static func fault(for error: RPCError) -> HTTPFault {
        switch error.code {
        case .invalidArgument
        where error.metadata[stringValues: "kassa-error"].contains("idempotency_key_reused"):
            .keyReused
        case .aborted: .keyIsBusy
        case .invalidArgument: HTTPFault(.unprocessableContent, error.message)
        case .notFound: notFound
        case .alreadyExists: HTTPFault(.conflict, error.message)
        case .unavailable: .unavailable("Orders service is unavailable")
        case .resourceExhausted:
            HTTPFault(.tooManyRequests, "Too many requests", headers: [.retryAfter: "1"])
        case .unauthenticated, .permissionDenied: .refusedGateway("Orders")
        case .deadlineExceeded:
            HTTPFault(.gatewayTimeout, "Orders service did not answer in time")
        default: HTTPFault(.badGateway, "Orders service gave no valid answer")
        }
    }
}
