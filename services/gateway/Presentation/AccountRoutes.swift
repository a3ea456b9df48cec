package import GatewayInfrastructure
import HTTPTypes
import Hummingbird
package import ServiceHost

/// `/accounts…`, served by Payments, and the three calls that the reference project had under
/// `/payments`.
package struct AccountRoutes {
    private let forward: Forwarding

    /// - Parameter payments: where Payments is.
    package init(client: UpstreamClient, payments: Upstream) {
        forward = Forwarding(client: client, upstream: payments)
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        for prefix in ["/accounts", "/payments/accounts"] {
            add(.post, prefix, to: router)
            add(.post, prefix, call: "deposit", to: router)
            add(.get, prefix, call: "balance", to: router)
        }
        add(.get, "/accounts", to: router)
        add(.get, "/accounts", call: "transfers", to: router)
        let forward = forward
        router.get("/accounts/summary") { request, context in
            try await forward(request, context, as: .get, to: "/accounts/summary")
        }
    }

    private func add(_ method: HTTPRequest.Method, _ path: String, to router: ServiceRouter) {
        let forward = forward
        router.on(method, path) { request, context in
            try await forward(request, context, as: method, to: "/accounts", readsQuery: true)
        }
    }

    private func add(
        _ method: HTTPRequest.Method, _ prefix: String, call: String, to router: ServiceRouter
    ) {
        let forward = forward
        router.on(method, "\(prefix)/{user_id}/\(call)") { request, context in
            let user = try context.canonical("user_id")
            return try await forward(
                request, context, as: method, to: "/accounts/\(user)/\(call)")
        }
    }
}
