import Hummingbird
import JSON
package import PaymentsApplication
package import ServiceHost
import SharedKernel

/// The door to what Payments knows of an order's life.
package struct ChargeTraceRoutes: Sendable {
    private let traceCharge: TraceCharge

    /// - Parameter traceCharge: the use case behind the door.
    package init(traceCharge: TraceCharge) { self.traceCharge = traceCharge }

    /// Adds the route.
    package func add(to router: ServiceRouter) {
        router.get("/orders/{order_id}/trace", trace)
    }

    private func trace(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        guard let id = context.pathOrderID("order_id") else {
            throw HTTPFault(.notFound, "Order not found")
        }
        let body: JSONValue = [
            "order_id": .string(id.description),
            "steps": .array(try await traceCharge(id).steps),
        ]
        return body.response()
    }
}

extension ChargeTrace {
    /// In the order of the trip.
    fileprivate var steps: [JSONValue] {
        var steps: [JSONValue] = []
        if let receivedAt {
            steps.append(Self.step("received", receivedAt, "its announcement is in the inbox"))
        }
        if let decision {
            let outcome = decision.outcome
            if case .failed(let reason) = outcome.verdict {
                steps.append(
                    Self.step("refused", decision.at, reason?.rawValue ?? "no reason was given"))
            } else {
                steps.append(
                    Self.step(
                        "charged", decision.at,
                        "\(outcome.amount) from \(outcome.userID), transfer "
                            + (decision.transfer ?? "MISSING")))
            }
            if let refusals = decision.refusals {
                let words = refusals == 0 ? "" : ", turned down \(refusals) times"
                steps.append(Self.step("telling", nil, "the outcome waits in the outbox\(words)"))
            } else {
                steps.append(Self.step("told", nil, "the broker has confirmed the outcome"))
            }
        }
        return steps
            + parked.map { Self.step("parked", $0.at, "payments/\($0.id): \($0.reason)") }
    }

    private static func step(_ name: String, _ at: Timestamp?, _ words: String) -> JSONValue {
        [
            "step": .string(name), "service": "payments",
            "at": at.map { .string($0.description) } ?? .null, "words": .string(words),
        ]
    }
}
