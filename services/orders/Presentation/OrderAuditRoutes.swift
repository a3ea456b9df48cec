import Hummingbird
import JSON
package import OrdersApplication
import OrdersDomain
package import ServiceHost
import SharedKernel

/// The auditor's door of Orders: it only looks.
package struct OrderAuditRoutes: Sendable {
    private let auditOrders: AuditOrders

    /// - Parameter auditOrders: the use case behind the door.
    package init(auditOrders: AuditOrders) { self.auditOrders = auditOrders }

    /// Adds the route.
    package func add(to router: ServiceRouter) {
        router.get("/audit/orders", orders)
    }

    private func orders(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let (one, before, limit) = try RequestFields.read(RequestFields(query: request)) { fields in
            (fields.optionalOrderID("order_id"), fields.optionalOrderID("before"), fields.limit())
        }
        let rows =
            if let one {
                try await auditOrders.list(only: one)
            } else {
                try await auditOrders.list(before: before, limit: limit)
            }
        let body: JSONValue = ["orders": .array(rows.map(\.json))]
        return body.response()
    }
}

extension OrderAuditRow {
    fileprivate var json: JSONValue {
        [
            "order_id": .string(id.description), "user_id": .string(userID),
            "amount": .number(amount.description), "status": .string(status.rawValue),
            "ends": .array(ends.map { .string($0.rawValue) }), "awaited": .boolean(isAwaited),
        ]
    }
}
