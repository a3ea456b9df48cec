import Messaging
import MessagingLive
import OrdersApplication
import OrdersInfrastructure
import OrdersPresentation
import ParkedDoor
import Postgres
import ServiceBackends
import ServiceHost
import SharedKernel

/// Binds the concrete parts of `kassa-orders` together: the one place that knows them all.
struct Composition {
    /// The most that the daemon has open for itself.
    static let descriptors = ServiceBackends.descriptors

    let host: HostOptions.Resolved
    let backends: BackendOptions.Resolved
    let limits: LimitOptions.Resolved
    let grpcConnections: Int
    let grpcHost: String
    let grpcPort: Int
    let patience: Duration

    func run() async throws {
        let service = try ServiceBackends(
            name: "kassa-orders", logLevel: host.logLevel, settings: backends,
            security: host.security,
            routes: [OrderCreated.type: backends.orderCreatedQueue],
            migrator: Migrator(OrderMigrations.all, lockKey: OrderMigrations.lockKey))
        let orders = PostgresOrderRepository(
            pool: service.doors, outboxFilled: service.outboxFilled, instance: service.instance)
        let placeOrder = PlaceOrder(orders: orders)
        let stored = PostgresOrderRepository(
            pool: service.reading, outboxFilled: service.outboxFilled)
        let findOrder = FindOrder(orders: stored)
        let listOrders = ListOrders(orders: stored)

        let requests = RequestGate(limits.requests.atOnce)
        let router = ServiceRouter(
            readiness: service.readiness, metrics: service.metrics,
            access: host.security.access, gate: service.gate, limits: limits.requests,
            requests: requests)
        OrderRoutes(placeOrder: placeOrder, findOrder: findOrder, listOrders: listOrders)
            .add(to: router)
        OrderFeedRoutes(followOrders: FollowOrders(feed: PostgresOrderFeed(pool: service.doors)))
            .add(to: router)
        OrderAuditRoutes(
            auditOrders: AuditOrders(orders: PostgresOrderAudit(pool: service.reading))
        ).add(to: router)

        OrderTraceRoutes(
            traceOrder: TraceOrder(traces: PostgresOrderTraces(pool: service.reading))
        ).add(to: router)
        ParkedRoutes("orders", desk: parkingDesk(service, orders)).add(to: router)

        let janitor = PendingOrderJanitor(
            announceAgain: AnnounceAgain(
                orders: PostgresPendingOrders(
                    pool: service.tidying, outboxFilled: service.outboxFilled),
                patience: patience),
            interval: min(patience / 4, .seconds(5)), logger: service.logger)

        try await service.run(
            consumers:
                outcomes(PaymentOutcome.successType, from: backends.paymentSuccessQueue, service)
                + outcomes(PaymentOutcome.failureType, from: backends.paymentFailedQueue, service),
            loops: [{ await janitor.run() }],
            doors: [
                OrderRPCServer(
                    host: grpcHost, port: grpcPort, placeOrder: placeOrder, findOrder: findOrder,
                    listOrders: listOrders, gate: service.gate,
                    security: host.security,
                    limits: OrderRPCServer.Limits(
                        connections: grpcConnections, limiter: RateLimiter(limits.requests),
                        requests: requests),
                    logger: service.logger),
                HTTPServer(
                    router: router, host: host.httpHost, port: host.httpPort,
                    inherited: host.inherited, gate: service.gate, limits: limits.server,
                    certificates: host.security.certificates, logger: service.logger),
            ])
    }

    private func parkingDesk(
        _ service: ServiceBackends, _ orders: PostgresOrderRepository
    ) -> ParkingDesk {
        let replay = OutcomeReplay(
            types: [
                backends.paymentSuccessQueue: PaymentOutcome.successType,
                backends.paymentFailedQueue: PaymentOutcome.failureType,
            ],
            publisher: service.trustedPublisher, settleOrders: SettleOrders(orders: orders),
            findOrder: FindOrder(orders: orders))
        return ParkingDesk(
            messages: PostgresParkedMessages(pool: service.doors), replay: replay.replay)
    }

    private func outcomes(
        _ type: String, from queue: String, _ service: ServiceBackends
    ) throws -> [ServiceBackends.Consumer] {
        try service.consumers(of: queue) { source in
            let consumer = PaymentOutcomeConsumer(
                type: type, source: source, parking: service.parking,
                publisher: service.trustedPublisher,
                settleOrders: SettleOrders(
                    orders: PostgresOrderRepository(
                        pool: service.consuming, outboxFilled: service.outboxFilled,
                        instance: service.instance)),
                pulse: service.pulse("consumer of \(source.source)"), logger: service.logger)
            return { await consumer.run() }
        }
    }
}
