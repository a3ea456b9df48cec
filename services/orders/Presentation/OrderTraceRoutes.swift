import Hummingbird
import JSON
package import OrdersApplication
import OrdersDomain
package import ServiceHost
import SharedKernel

/// The door to what Orders knows of an order's life.
package struct OrderTraceRoutes: Sendable {
    private let traceOrder: TraceOrder

    /// - Parameter traceOrder: the use case behind the door.
    package init(traceOrder: TraceOrder) { self.traceOrder = traceOrder }

    /// Adds the route.
    package func add(to router: ServiceRouter) {
        router.get("/orders/{order_id}/trace", trace)
    }

    private func trace(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        guard let id = context.pathOrderID("order_id"), let trace = try await traceOrder(id)
        else { throw HTTPFault(.notFound, "Order not found") }
        let body: JSONValue = [
            "order_id": .string(id.description), "steps": .array(trace.steps),
        ]
        return body.response()
    }
}

extension OrderTrace {
    /// In the order of the trip.
    fileprivate var steps: [JSONValue] {
        let request = order.request
        var steps = [
            Self.step(
                "accepted", order.createdAt, "\(request.amount) by \(request.userID), PENDING")
        ]
        if let refusals {
            let words = refusals == 0 ? "" : ", turned down \(refusals) times"
            steps.append(Self.step("publishing", nil, "waits in the outbox\(words)"))
        } else {
            let again = announcements.flatMap { $0 > 1 ? ", announced \($0) times" : nil }
            steps.append(Self.step("published", nil, "the broker has confirmed it\(again ?? "")"))
        }
        for change in changes.dropFirst() {
            let reason = change.reason.map { ": \($0.rawValue)" } ?? ""
            steps.append(Self.step("settled", change.at, "\(change.status.rawValue)\(reason)"))
        }
        return steps
            + parked.map { Self.step("parked", $0.at, "orders/\($0.id): \($0.reason)") }
    }

    private static func step(_ name: String, _ at: Timestamp?, _ words: String) -> JSONValue {
        [
            "step": .string(name), "service": "orders",
            "at": at.map { .string($0.description) } ?? .null, "words": .string(words),
        ]
    }
}
