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
    /// In the order of the trip; `published` is Orders' step, of which the announcement tells here.
    fileprivate var steps: [JSONValue] {
        var steps: [JSONValue] = []
        if let sent = decision?.publication, sent != .unknown {
            steps.append(Self.step("published", sent.moment, sent.instance, "", of: "orders"))
        }
        if receipt != nil || decision != nil {
            steps.append(Self.step("received", receipt?.at, decision?.decidedBy, receiptWords))
        }
        if let decision {
            let outcome = decision.outcome
            if case .failed(let reason) = outcome.verdict {
                steps.append(
                    Self.step(
                        "refused", decision.at, decision.decidedBy,
                        reason?.rawValue ?? "no reason was given"))
            } else {
                steps.append(
                    Self.step(
                        "charged", decision.at, decision.decidedBy,
                        "\(outcome.amount) from \(outcome.userID), transfer "
                            + (decision.transfer ?? "MISSING")))
            }
            if let refusals = decision.refusals {
                let words = refusals == 0 ? "" : ", turned down \(refusals) times"
                steps.append(
                    Self.step("telling", nil, nil, "the outcome waits in the outbox\(words)"))
            } else {
                steps.append(Self.step("told", nil, nil, "the broker has confirmed the outcome"))
            }
        }
        return steps
            + parked.map { Self.step("parked", $0.at, nil, "payments/\($0.id): \($0.reason)") }
    }

    private var receiptWords: String {
        guard let receipt else { return "the inbox does not know it, or no longer" }
        guard let last = receipt.repeatedAt else { return "its announcement is in the inbox" }
        let times = receipt.repeats == 1 ? "once" : "\(receipt.repeats) times"
        return "its announcement is in the inbox, came again \(times), last at \(last)"
    }

    private static func step(
        _ name: String, _ at: Timestamp?, _ instance: InstanceName?, _ words: String,
        of service: String = "payments"
    ) -> JSONValue {
        [
            "step": .string(name), "service": .string(service),
            "at": at.map { .string($0.description) } ?? .null,
            "instance": instance.map { .string($0.description) } ?? .null, "words": .string(words),
        ]
    }
}
