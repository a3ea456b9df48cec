import Hummingbird
import JSON
package import OrdersApplication
import OrdersDomain
package import ServiceHost
import SharedKernel

/// The HTTP door of Orders.
package struct OrderRoutes: Sendable {
    private let placeOrder: PlaceOrder
    private let findOrder: FindOrder
    private let listOrders: ListOrders

    /// - Parameters: the use cases behind the door.
    package init(placeOrder: PlaceOrder, findOrder: FindOrder, listOrders: ListOrders) {
        self.placeOrder = placeOrder
        self.findOrder = findOrder
        self.listOrders = listOrders
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        router.post("/orders", together: place)
        router.get("/orders", list)
        router.get("/orders/summary", summary)
        router.get("/orders/{order_id}", find)
    }

    private func place(
        _ requests: [BufferedRequest]
    ) async -> [Result<BufferedResponse, any Error>] {
        var wishes: [PlaceOrder.Wish] = []
        let readings = requests.map { request in
            Result<Void, any Error> { wishes.append(try PlaceOrder.Wish(request)) }
        }
        var placed = await placeOrder(together: wishes)[...]
        return readings.map { reading in
            reading.flatMap {
                guard let answer = placed.popFirst() else { return .failure(CancellationError()) }
                return answer.flatMap { order in Result { try Self.created(order) } }
            }
        }
    }

    private static func created(
        _ placed: Idempotent<Order>
    ) throws(HTTPFault) -> BufferedResponse {
        try placed.response { order in
            order.json().bufferedResponse(.created, headers: [.location: "/orders/\(order.id)"])
        }
    }

    private func find(_ request: Request, _ context: KassaRequestContext) async throws -> Response {
        guard let id = context.pathOrderID("order_id"),
            let (order, history) = try await findOrder.withHistory(id)
        else { throw HTTPFault(.notFound, "Order not found") }
        return order.json(history: history).response()
    }

    private func list(_ request: Request, _ context: KassaRequestContext) async throws -> Response {
        let query = try RequestFields.read(RequestFields(query: request), Self.query)
        let page = try await listOrders(query)
        var headers: HTTPFields = [:]
        if let next = page.next { headers[.link] = PageLink.next("/orders", next.parameters) }
        return JSONValue.array(page.orders.map { $0.json() }).response(headers: headers)
    }

    private func summary(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        try await listOrders.summary().json.response()
    }

    private static func query(_ fields: inout RequestFields) -> OrderQuery? {
        var query = OrderQuery()
        query.userID = fields.optionalUserID("user_id")
        query.status = fields.optionalWord("status", of: OrderStatus.allCases.map(\.rawValue))
            .flatMap(OrderStatus.init(rawValue:))
        query.createdFrom = fields.optionalTimestamp("created_from")
        query.createdUntil = fields.optionalTimestamp("created_until")
        query.limit = fields.limit()
        query.before = fields.optionalOrderID("before")
        return query
    }
}

extension PlaceOrder.Wish {
    /// Reads the order that a request asks for.
    ///
    /// - Throws: ``HTTPFault`` 415 or 422.
    fileprivate init(_ request: BufferedRequest) throws(HTTPFault) {
        let body = RequestFields(body: try readJSON(request))
        let order = try RequestFields.read(body) { fields -> OrderRequest? in
            let (user, amount, description) = (
                fields.userID("user_id"), fields.amount("amount"),
                fields.description("description")
            )
            guard let user, let amount, let description else { return nil }
            return OrderRequest(userID: user, amount: amount, description: description)
        }
        self.init(order, under: try request.idempotencyKey, correlation: request.correlation)
    }
}

extension OrderQuery {
    /// The query as its parameters, for the link to the next page.
    fileprivate var parameters: [(String, String?)] {
        [
            ("user_id", userID?.text), ("status", status?.rawValue),
            ("created_from", createdFrom?.description),
            ("created_until", createdUntil?.description), ("limit", "\(limit)"),
            ("before", before?.description),
        ]
    }
}
