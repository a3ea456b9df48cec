import Logging
import Messaging
import MessagingLive
import Metrics
import PaymentsApplication
import PaymentsInfrastructure
import PaymentsPresentation
import Postgres
import ServiceHost
import ServiceLifecycle
import SharedKernel

/// Binds the concrete parts of `kassa-payments` together: the one place that knows them all.
struct Composition {
    let host: HostOptions.Resolved
    let backends: BackendOptions.Resolved

    private static let name = "kassa-payments"

    func run() async throws {
        let logger = bootstrapLogging(service: Self.name, level: host.logLevel)
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let readiness = Readiness(dependencies: ["database", "broker"])
        let gate = StartGate()

        // Pools of their own: a flood at the doors cannot starve the relay, the consumer or the probes.
        let doors = pool("doors", size: 8, logger)
        let relaying = pool("relay", size: 1, logger)
        let consuming = pool("consumer", size: 2, logger)
        let probing = pool("probes", size: 1, logger)

        let outboxFilled = WakeSignal()
        let publisher = try RabbitPublisher(
            url: backends.brokerURL,
            routes: [
                PaymentOutcome.successType: backends.paymentSuccessQueue,
                PaymentOutcome.failureType: backends.paymentFailedQueue,
            ],
            appID: Self.name, logger: logger)
        let relay = OutboxRelay(
            outbox: PostgresOutbox(pool: relaying), publisher: publisher, wake: outboxFilled,
            pollInterval: backends.outboxPollInterval, logger: logger)

        let source = try RabbitSubscription(
            url: backends.brokerURL, queue: backends.orderCreatedQueue, appID: Self.name,
            logger: logger)
        let consumer = OrderCreatedConsumer(
            source: source, parking: PostgresParking(pool: consuming),
            chargeOrders: ChargeOrders(
                accounts: PostgresAccountRepository(pool: consuming, outboxFilled: outboxFilled)),
            logger: logger)

        let accounts = PostgresAccountRepository(pool: doors, outboxFilled: outboxFilled)
        let router = ServiceRouter(readiness: readiness, metrics: metrics, gate: gate)
        AccountRoutes(
            openAccount: OpenAccount(accounts: accounts), deposit: Deposit(accounts: accounts),
            viewAccounts: ViewAccounts(accounts: accounts)
        ).add(to: router)

        // In the order of starting; stopped in reverse, so that intake closes first.
        try await runDaemon(
            name: Self.name, logger: logger, readiness: readiness,
            services: [
                ClosedAtShutdown {
                    for pool in [relaying, consuming, probing, doors] { await pool.close() }
                },
                BackgroundLoop { await publisher.run() },
                BackgroundLoop(after: gate) { await relay.run() },
                BackgroundLoop { await source.run() },
                BackgroundLoop(after: gate) { await consumer.run() },
                BackgroundLoop(after: gate) {
                    await OutboxGauge(outbox: PostgresOutbox(pool: probing), logger: logger).run()
                },
                BackgroundLoop(after: gate) {
                    await InboxPruner(pool: probing, logger: logger).run()
                },
                DependencyMonitor(
                    readiness: readiness,
                    probes: [
                        .init("database", after: gate) { try await probing.ping() },
                        .init("broker") {
                            try publisher.state.require()
                            try source.state.require()
                        },
                    ]),
                StartUp(readiness: readiness, gate: gate, logger: logger) {
                    try await probing.ping()
                    try await probing.requireDurability()
                    try await Migrator(PaymentMigrations.all, lockKey: PaymentMigrations.lockKey)
                        .run(on: probing)
                },
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
}
