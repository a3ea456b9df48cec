import Hummingbird
import JSON
package import OrdersApplication
import OrdersDomain
package import ServiceHost

/// The door for readers that hold a copy of the orders and ask for what changed.
package struct OrderFeedRoutes: Sendable {
    private let followOrders: FollowOrders

    /// - Parameter followOrders: the use case behind the door.
    package init(followOrders: FollowOrders) { self.followOrders = followOrders }

    /// Adds the route.
    package func add(to router: ServiceRouter) {
        router.get("/orders/changes", changes)
    }

    private func changes(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let fields = RequestFields(query: request)
        let (cursor, limit) = try RequestFields.read(fields) { fields in
            (fields.optionalText("after").map(OrderCursor.init), fields.limit())
        }
        do {
            let page = try await followOrders(after: cursor, limit: limit)
            let body: JSONValue = [
                "orders": .array(page.orders.map { $0.json() }),
                "next": .string(page.next.text), "more": .boolean(page.hasMore),
            ]
            return body.response()
        } catch is UnknownOrderCursor {
            var fields = fields
            fields.refuse(
                "after", type: "value_error",
                msg: "Value error, no cursor of this feed: begin anew without one")
            try fields.validated()
            throw HTTPFault(.unprocessableContent, "No cursor of this feed")
        }
    }
}
