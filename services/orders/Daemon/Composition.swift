import Logging
import Messaging
import MessagingLive
import Metrics
import OrdersApplication
import OrdersInfrastructure
import OrdersPresentation
import Postgres
import ServiceHost
import ServiceLifecycle
import SharedKernel

/// Binds the concrete parts of `kassa-orders` together: the one place that knows them all.
struct Composition {
    let host: HostOptions.Resolved
    let backends: BackendOptions.Resolved
    let grpcHost: String
    let grpcPort: Int

    private static let name = "kassa-orders"

    func run() async throws {
        let logger = bootstrapLogging(service: Self.name, level: host.logLevel)
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let readiness = Readiness(dependencies: ["database", "broker"])
        let gate = StartGate()

        // Pools of their own: a flood at the doors cannot starve the relay, the consumers or the probes.
        let doors = pool("doors", size: 8, logger)
        let relaying = pool("relay", size: 1, logger)
        let consuming = pool("consumers", size: 2, logger)
        let probing = pool("probes", size: 1, logger)

        let outboxFilled = WakeSignal()
        let orders = PostgresOrderRepository(pool: doors, outboxFilled: outboxFilled)
        let publisher = try RabbitPublisher(
            url: backends.brokerURL, routes: [OrderCreated.type: backends.orderCreatedQueue],
            appID: Self.name, logger: logger)
        let relay = OutboxRelay(
            outbox: PostgresOutbox(pool: relaying), publisher: publisher, wake: outboxFilled,
            pollInterval: backends.outboxPollInterval, logger: logger)

        let settleOrders = SettleOrders(
            orders: PostgresOrderRepository(pool: consuming, outboxFilled: outboxFilled))
        let parking = PostgresParking(pool: consuming)
        let successes = try subscription(backends.paymentSuccessQueue, logger)
        let failures = try subscription(backends.paymentFailedQueue, logger)
        let successConsumer = PaymentOutcomeConsumer(
            type: PaymentOutcome.successType, source: successes, parking: parking,
            settleOrders: settleOrders, logger: logger)
        let failureConsumer = PaymentOutcomeConsumer(
            type: PaymentOutcome.failureType, source: failures, parking: parking,
            settleOrders: settleOrders, logger: logger)

        let placeOrder = PlaceOrder(orders: orders)
        let findOrder = FindOrder(orders: orders)
        let listOrders = ListOrders(orders: orders)
        let router = ServiceRouter(readiness: readiness, metrics: metrics, gate: gate)
        OrderRoutes(placeOrder: placeOrder, findOrder: findOrder, listOrders: listOrders)
            .add(to: router)

        // In the order of starting; stopped in reverse, so that intake closes first.
        try await runDaemon(
            name: Self.name, logger: logger, readiness: readiness,
            services: [
                ClosedAtShutdown {
                    for pool in [relaying, consuming, probing, doors] { await pool.close() }
                },
                BackgroundLoop { await publisher.run() },
                BackgroundLoop(after: gate) { await relay.run() },
                BackgroundLoop { await successes.run() },
                BackgroundLoop { await failures.run() },
                BackgroundLoop(after: gate) { await successConsumer.run() },
                BackgroundLoop(after: gate) { await failureConsumer.run() },
                BackgroundLoop(after: gate) {
                    await OutboxGauge(outbox: PostgresOutbox(pool: probing), logger: logger).run()
                },
                DependencyMonitor(
                    readiness: readiness,
                    probes: [
                        .init("database", after: gate) { try await probing.ping() },
                        .init("broker") {
                            try publisher.state.require()
                            try successes.state.require()
                            try failures.state.require()
                        },
                    ]),
                StartUp(readiness: readiness, gate: gate, logger: logger) {
                    try await probing.ping()
                    try await probing.requireDurability()
                    try await Migrator(OrderMigrations.all, lockKey: OrderMigrations.lockKey)
                        .run(on: probing)
                },
                OrderRPCServer(
                    host: grpcHost, port: grpcPort, placeOrder: placeOrder, findOrder: findOrder,
                    listOrders: listOrders, gate: gate, logger: logger),
                HTTPServer(
                    router: router, host: host.httpHost, port: host.httpPort, logger: logger),
            ])
    }

    private func pool(_ purpose: String, size: Int, _ logger: Logger) -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(
                url: backends.databaseURL, applicationName: "\(Self.name) \(purpose)"),
            size: size, logger: logger)
    }

    private func subscription(_ queue: String, _ logger: Logger) throws -> RabbitSubscription {
        try RabbitSubscription(
            url: backends.brokerURL, queue: queue, appID: Self.name, logger: logger)
    }
}
