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
    /// In the order of the trip. That an announcement was sent is known here, who sent it and when
    /// is known where it arrived; likewise, this is where the outcomes arrive.
    fileprivate var steps: [JSONValue] {
        let request = order.request
        var steps = [
            Self.step(
                "accepted", order.createdAt, acceptedBy,
                "\(request.amount) by \(request.userID), PENDING")
        ]
        let again = announcements.flatMap { $0 > 1 ? ", announced \($0) times" : nil } ?? ""
        if let refusals {
            let words = refusals == 0 ? "" : ", turned down \(refusals) times"
            steps.append(Self.step("publishing", nil, nil, "waits in the outbox\(words)\(again)"))
        } else {
            steps.append(Self.step("published", nil, nil, "the broker has confirmed it\(again)"))
        }
        for ending in endings {
            let (change, sent) = (ending.change, ending.publication)
            if sent != .unknown {
                steps.append(Self.step("told", sent.moment, sent.instance, "", of: "payments"))
            }
            let reason = change.reason.map { ": \($0.rawValue)" } ?? ""
            steps.append(
                Self.step(
                    "settled", change.at, ending.settledBy, "\(change.status.rawValue)\(reason)"))
        }
        return steps
            + parked.map { Self.step("parked", $0.at, nil, "orders/\($0.id): \($0.reason)") }
    }

    private static func step(
        _ name: String, _ at: Timestamp?, _ instance: InstanceName?, _ words: String,
        of service: String = "orders"
    ) -> JSONValue {
        [
            "step": .string(name), "service": .string(service),
            "at": at.map { .string($0.description) } ?? .null,
            "instance": instance.map { .string($0.description) } ?? .null, "words": .string(words),
        ]
    }
}
