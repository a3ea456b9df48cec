package import GatewayInfrastructure
package import ServiceHost

/// Everything that the gateway serves, besides what every daemon does.
package struct GatewayRoutes {
    private let client: UpstreamClient
    private let rpc: OrdersRPCClient
    private let orders: Upstream
    private let payments: Upstream
    private let swaggerUI: SwaggerUIFiles?

    /// - Parameters:
    ///   - client: how the services are called.
    ///   - rpc: the gRPC connection to Orders.
    ///   - orders: where Orders is.
    ///   - payments: where Payments is.
    ///   - swaggerUI: what `/docs` is made of; nil has it say how to fetch that.
    package init(
        client: UpstreamClient, rpc: OrdersRPCClient, orders: Upstream, payments: Upstream,
        swaggerUI: SwaggerUIFiles?
    ) {
        self.client = client
        self.rpc = rpc
        self.orders = orders
        self.payments = payments
        self.swaggerUI = swaggerUI
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        OrderRoutes(client: client, orders: orders).add(to: router)
        AccountRoutes(client: client, payments: payments).add(to: router)
        AuditRoutes(client: client, orders: orders, payments: payments).add(to: router)
        ParkedRoutes(client: client, orders: orders, payments: payments).add(to: router)
        TraceRoutes(client: client, orders: orders, payments: payments).add(to: router)
        OrderRPCRoutes(client: rpc).add(to: router)
        DocumentationRoutes(swaggerUI: swaggerUI).add(to: router)
    }
}
