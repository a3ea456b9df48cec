package import GatewayInfrastructure
import Hummingbird
package import ServiceHost

/// `/parked/…`, each served by the service that has parked the messages.
package struct ParkedRoutes {
    private let services: [(name: String, forward: Forwarding)]

    /// - Parameters:
    ///   - orders: where Orders is.
    ///   - payments: where Payments is.
    package init(client: UpstreamClient, orders: Upstream, payments: Upstream) {
        services = [
            ("orders", Forwarding(client: client, upstream: orders)),
            ("payments", Forwarding(client: client, upstream: payments)),
        ]
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        for (name, forward) in services {
            let path = "/parked/\(name)"
            router.get(path) { request, context in
                try await forward(request, context, as: .get, to: path, readsQuery: true)
            }
            router.get("\(path)/{parked_id}") { request, context in
                let id = try context.canonical("parked_id")
                return try await forward(request, context, as: .get, to: "\(path)/\(id)")
            }
            router.get("\(path)/{parked_id}/rehearsal") { request, context in
                let id = try context.canonical("parked_id")
                return try await forward(
                    request, context, as: .get, to: "\(path)/\(id)/rehearsal", readsQuery: true)
            }
            for call in ["replay", "discard"] {
                router.post("\(path)/{parked_id}/\(call)") { request, context in
                    let id = try context.canonical("parked_id")
                    return try await forward(
                        request, context, as: .post, to: "\(path)/\(id)/\(call)",
                        readsQuery: true)
                }
            }
        }
    }
}
