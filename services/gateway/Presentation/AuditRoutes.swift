package import GatewayInfrastructure
import Hummingbird
import JSON
package import ServiceHost

/// The auditor's pages, which the services show, and `/audit`: what the last audit found.
package struct AuditRoutes {
    private let toOrders: Forwarding
    private let toPayments: Forwarding
    private let desk: AuditDesk

    /// - Parameters:
    ///   - orders: where Orders is.
    ///   - payments: where Payments is.
    package init(client: UpstreamClient, orders: Upstream, payments: Upstream) {
        toOrders = Forwarding(client: client, upstream: orders)
        toPayments = Forwarding(client: client, upstream: payments)
        desk = AuditDesk(
            orders: ServicePages(client: client, upstream: orders),
            payments: ServicePages(client: client, upstream: payments))
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        let desk = desk
        router.get("/audit") { _, _ in await desk.latest().response() }
        add("/audit/orders", toOrders, to: router)
        for path in ["/audit/charges", "/audit/accounts", "/audit/movements"] {
            add(path, toPayments, to: router)
        }
    }

    private func add(_ path: String, _ forward: Forwarding, to router: ServiceRouter) {
        router.get(path) { request, context in
            try await forward(request, context, as: .get, to: path, readsQuery: true)
        }
    }
}
