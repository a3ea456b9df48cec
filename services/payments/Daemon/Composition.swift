import Messaging
import MessagingLive
import ParkedDoor
import PaymentsApplication
import PaymentsInfrastructure
import PaymentsPresentation
import Postgres
import ServiceBackends
import ServiceHost
import SharedKernel

/// Binds the concrete parts of `kassa-payments` together: the one place that knows them all.
struct Composition {
    /// The most that the daemon has open for itself.
    static let descriptors = ServiceBackends.descriptors

    let host: HostOptions.Resolved
    let backends: BackendOptions.Resolved
    let limits: LimitOptions.Resolved

    func run() async throws {
        let service = try ServiceBackends(
            name: "kassa-payments", logLevel: host.logLevel, settings: backends,
            security: host.security,
            routes: [
                PaymentOutcome.successType: backends.paymentSuccessQueue,
                PaymentOutcome.failureType: backends.paymentFailedQueue,
            ],
            migrator: Migrator(PaymentMigrations.all, lockKey: PaymentMigrations.lockKey))
        let accounts = PostgresAccountRepository(
            pool: service.doors, outboxFilled: service.outboxFilled, instance: service.instance)

        let router = ServiceRouter(
            readiness: service.readiness, metrics: service.metrics,
            access: host.security.access, gate: service.gate, limits: limits.requests)
        AccountRoutes(
            openAccount: OpenAccount(accounts: accounts), deposit: Deposit(accounts: accounts),
            viewAccounts: ViewAccounts(
                accounts: PostgresAccountRepository(
                    pool: service.reading, outboxFilled: service.outboxFilled))
        ).add(to: router)

        LedgerAuditRoutes(
            auditLedger: AuditLedger(ledger: PostgresLedgerAudit(pool: service.reading))
        ).add(to: router)

        ChargeTraceRoutes(
            traceCharge: TraceCharge(traces: PostgresChargeTraces(pool: service.reading))
        ).add(to: router)
        let replay = ChargeReplay(
            publisher: service.trustedPublisher, chargeOrders: ChargeOrders(accounts: accounts))
        ParkedRoutes(
            "payments",
            desk: ParkingDesk(
                messages: PostgresParkedMessages(pool: service.doors), replay: replay.replay)
        ).add(to: router)

        let pruner = service.pruner("inbox") { pool in
            try await PostgresInbox.prune(pool, olderThan: PostgresInbox.retention)
        }
        try await service.run(
            consumers: try orders(service), loops: [{ await pruner.run() }],
            doors: [
                HTTPServer(
                    router: router, host: host.httpHost, port: host.httpPort,
                    inherited: host.inherited, gate: service.gate, limits: limits.server,
                    certificates: host.security.certificates, logger: service.logger)
            ])
    }

    private func orders(_ service: ServiceBackends) throws -> [ServiceBackends.Consumer] {
        try service.consumers(of: backends.orderCreatedQueue) { source in
            let consumer = OrderCreatedConsumer(
                source: source, parking: service.parking, publisher: service.trustedPublisher,
                chargeOrders: ChargeOrders(
                    accounts: PostgresAccountRepository(
                        pool: service.consuming, outboxFilled: service.outboxFilled,
                        instance: service.instance)),
                pulse: service.pulse("consumer of \(source.source)"), logger: service.logger)
            return { await consumer.run() }
        }
    }
}
