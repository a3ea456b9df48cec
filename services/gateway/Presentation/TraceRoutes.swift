package import GatewayInfrastructure
import HTTPTypes
import Hummingbird
import JSON
package import ServiceHost

/// An order's life, told by both services.
package struct TraceRoutes: Sendable {
    private let orders: ServicePages
    private let payments: ServicePages

    /// - Parameters:
    ///   - orders: where Orders is.
    ///   - payments: where Payments is.
    package init(client: UpstreamClient, orders: Upstream, payments: Upstream) {
        self.orders = ServicePages(client: client, upstream: orders)
        self.payments = ServicePages(client: client, upstream: payments)
    }

    /// Adds the route.
    package func add(to router: ServiceRouter) {
        router.get("/orders/{order_id}/trace", trace)
    }

    /// Orders alone knows whether there is such an order. Without Payments the rest is told all the
    /// same.
    private func trace(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let target = "/orders/\(try context.canonical("order_id"))/trace"
        let mine: JSONValue
        do {
            mine = try await orders.get(target, for: context.caller)
        } catch let fault as UpstreamFault {
            throw HTTPFault(fault)
        } catch let page as NoPage where page.status == .notFound {
            throw HTTPFault(.notFound, "Order not found")
        } catch is NoPage {
            throw HTTPFault(.badGateway, "Orders service gave no valid answer")
        }
        var steps = mine["steps"]?.array ?? []
        var members: [JSONValue.Member] = [.init("order_id", mine["order_id"] ?? .null)]
        do {
            steps += try await payments.get(target, for: context.caller)["steps"]?.array ?? []
        } catch {
            members.append(.init("missing", "Payments service gave no answer"))
        }
        members.append(.init("steps", .array(Self.sorted(Self.joined(steps)))))
        return JSONValue.object(members).response()
    }

    /// That a message was sent is known to who sent it, the rest of it to who received it: what two
    /// steps tell of one thing becomes one step.
    private static func joined(_ steps: [JSONValue]) -> [JSONValue] {
        var joined: [JSONValue] = []
        for step in steps {
            let twin = joined.firstIndex { other in
                ["published", "told"].contains(other["step"]?.string)
                    && other["step"] == step["step"] && other["service"] == step["service"]
            }
            guard let twin else {
                joined.append(step)
                continue
            }
            guard case .object(let members) = joined[twin] else { continue }
            joined[twin] = .object(
                members.map { member in
                    let isEmpty = member.value == .null || member.value.string == ""
                    return .init(
                        member.name, isEmpty ? step[member.name] ?? member.value : member.value)
                })
        }
        return joined
    }

    /// By the trip, not by the clocks: there are two.
    private static func sorted(_ steps: [JSONValue]) -> [JSONValue] {
        let trip = [
            "accepted", "publishing", "published", "received", "refused", "charged", "telling",
            "told", "settled", "parked",
        ]
        return steps.enumerated().map { place, step in
            (trip.firstIndex(of: step["step"]?.string ?? "") ?? trip.count, place, step)
        }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
}
