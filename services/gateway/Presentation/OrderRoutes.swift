package import GatewayInfrastructure
import HTTPTypes
import Hummingbird
package import ServiceHost

/// `/orders…`, served by Orders.
package struct OrderRoutes {
    private let forward: Forwarding
    private let gathering: RequestGathering

    /// - Parameter orders: where Orders is.
    package init(client: UpstreamClient, orders: Upstream) {
        gathering = RequestGathering(client: client, upstream: orders, path: "/orders")
        forward = Forwarding(client: client, upstream: orders, gathering: gathering)
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        let forward = forward
        router.post("/orders", directly: forward.direct("/orders", gathering)) { request, context in
            try await forward(request, context, as: .post, to: "/orders")
        }
        router.get("/orders") { request, context in
            try await forward(request, context, as: .get, to: "/orders", readsQuery: true)
        }
        router.get("/orders/summary") { request, context in
            try await forward(request, context, as: .get, to: "/orders/summary")
        }
        router.get("/orders/changes") { request, context in
            try await forward(request, context, as: .get, to: "/orders/changes", readsQuery: true)
        }
        router.get("/orders/{order_id}") { request, context in
            let id = try context.canonical("order_id")
            return try await forward(request, context, as: .get, to: "/orders/\(id)")
        }
    }
}

extension KassaRequestContext {
    /// A path parameter, written so that it stays one segment: a user id may hold `/`, `..` or `%`.
    ///
    /// - Throws: ``HTTPFault`` 404 for a broken escape, which names nothing.
    func canonical(_ name: String) throws(HTTPFault) -> String {
        guard let segment = parameters.get(name).flatMap({ PercentCoding.canonicalSegment($0) })
        else { throw HTTPFault(.notFound, "Not Found") }
        return segment
    }
}
