import ArgumentParser
import Idempotency
package import Logging
package import Messaging
package import MessagingLive
import Metrics
import PinnedThread
package import Postgres
package import ServiceHost
import ServiceLifecycle
package import SharedKernel

/// What every service of Kassa has behind its doors: a database, a broker, and the relay between
/// them.
///
/// The pools are apart, so that a flood at the doors cannot starve the relay, the consumers or the
/// probes. Nothing is connected before ``run(consumers:loops:doors:)``.
package struct ServiceBackends: Sendable {
    /// A queue, and the loop that consumes it.
    package struct Consumer: Sendable {
        let source: RabbitSubscription
        let loop: @Sendable () async -> Void
    }

    /// The most descriptors that a service has open for itself: three for each connection to
    /// PostgreSQL (its thread has a socket pair), four for each to RabbitMQ, and some for loops,
    /// files and connections that are being replaced.
    package static let descriptors = 128

    /// Connections for requests that change something.
    package let doors: PostgresPool
    /// Connections for requests that only look: a long list cannot hold up an order.
    package let reading: PostgresPool
    /// The consumers' connection, also for what they park. It is on the thread that they share, so
    /// they take turns.
    package let consuming: PostgresPool
    /// A connection for what tidies up.
    package let tidying: PostgresPool
    /// Rung by whoever leaves a message in the outbox.
    package let outboxFilled = WakeSignal()
    /// Open once the database is prepared.
    package let gate = StartGate()
    /// Counts what the service does.
    package let metrics = MetricsRegistry()
    /// Tells whether the service can do its work.
    package let readiness = Readiness(dependencies: ["database", "broker"])
    /// Hears of each loop that it goes on.
    package let progress = Progress()
    /// The service's own.
    package let logger: Logger

    /// This process, as its messages and rows name it.
    package let instance = InstanceName.current

    private let name: String
    private let security: DoorSecurity
    private let settings: BackendOptions.Resolved
    private let migrator: Migrator
    private let relaying: PostgresPool
    /// The relay's, and its connection's: neither has anything to do while the other works.
    private let relayThread: PinnedThread
    private let consumerThread: PinnedThread
    private let probing: PostgresPool
    private let publisher: RabbitPublisher

    /// - Parameters:
    ///   - name: the daemon's, such as `kassa-orders`; logs, PostgreSQL and RabbitMQ show it.
    ///   - logLevel: least level that is logged.
    ///   - security: who may come in at the doors.
    ///   - settings: where database and broker are.
    ///   - routes: the queue for each type of message that the service publishes.
    ///   - migrator: brings the database's schema up to date.
    /// - Throws: `AMQPError` for a broker URL that is none, ``PinnedThread/Unavailable``.
    package init(
        name: String, logLevel: Logger.Level, settings: BackendOptions.Resolved,
        security: DoorSecurity, routes: [String: String], migrator: Migrator
    ) throws {
        self.name = name
        self.security = security
        self.settings = settings
        self.migrator = migrator
        logger = bootstrapLogging(service: name, level: logLevel)
        MetricsSystem.bootstrap(metrics)
        let logger = logger
        func pool(
            _ purpose: String, size: Int, wait: Duration = .seconds(3_600),
            waitLimit: Duration = .seconds(2), on thread: PinnedThread? = nil
        ) -> PostgresPool {
            PostgresPool(
                PostgresConfiguration(
                    url: settings.databaseURL, applicationName: "\(name) \(purpose)"),
                size: size, waitLimit: waitLimit, expectedWaitLimit: wait, on: thread,
                logger: logger)
        }
        doors = pool("doors", size: 4, wait: settings.queueWait)
        reading = pool("readers", size: 4, wait: settings.queueWait)
        consumerThread = try PinnedThread(name: "consumers")
        // Few wait for these, each for its turn, and longer than any turn may take.
        consuming = pool("consumers", size: 1, waitLimit: .seconds(30), on: consumerThread)
        tidying = pool("tidying", size: 1, waitLimit: .seconds(30))
        relayThread = try PinnedThread(name: "relay")
        relaying = pool("relay", size: 1, on: relayThread)
        probing = pool("probes", size: 1)
        publisher = try RabbitPublisher(
            url: settings.brokerURL, certificateAuthority: settings.brokerCAFile, routes: routes,
            appID: name, instance: instance, bundles: settings.bundlesMessages, logger: logger)
        Gauge(
            label: "kassa_instance_info", dimensions: [("instance", instance.description)]
        ).record(1)
    }

    /// Where the service's poison goes.
    package var parking: PostgresParking { PostgresParking(pool: consuming) }

    /// A queue to consume, in each form that its messages may come in; they connect when the
    /// service runs.
    ///
    /// - Parameter loop: consumes one of them until its task is cancelled.
    package func consumers(
        of queue: String, loop: (RabbitSubscription) -> @Sendable () async -> Void
    ) throws -> [Consumer] {
        let forms: [RabbitSubscription.Form] =
            settings.bundlesMessages ? [.single, .bundled] : [.single]
        return try forms.map { form in
            let source = try RabbitSubscription(
                url: settings.brokerURL, certificateAuthority: settings.brokerCAFile,
                queue: queue, form: form, appID: name, logger: logger)
            return Consumer(source: source, loop: loop(source))
        }
    }

    /// Whose messages the service believes: those of the broker's user that the settings name, or
    /// of its own where all services share one.
    package var trustedPublisher: TrustedPublisher {
        TrustedPublisher(
            user: settings.trustedPublisher ?? publisher.user,
            acceptsUnsigned: settings.acceptsUnsignedMessages)
    }

    /// A loop that keeps a table from growing for ever.
    ///
    /// - Parameter prune: forgets a bounded number of rows, and says how many.
    package func pruner(
        _ table: String, prune: @escaping @Sendable (PostgresPool) async throws -> Int
    ) -> Pruner {
        Pruner(table, logger: logger) { [tidying] in try await prune(tidying) }
    }

    /// What a loop tells that it goes on; it may be silent until it begins.
    ///
    /// - Parameters:
    ///   - loop: its name, for the log.
    ///   - rest: the longest pause that it makes between two steps.
    package func pulse(_ loop: String, rest: Duration = .zero) -> Pulse {
        let loop = progress.enter(loop, patience: Progress.patience + rest)
        loop.wait()
        return Pulse(beats: loop.beat, waits: loop.wait)
    }

    /// Runs the service until SIGTERM or SIGINT; where only a migration is asked for, until that is
    /// done.
    ///
    /// Started in this order and stopped in reverse, so that intake closes first: doors, consumers,
    /// relay, and the database last.
    ///
    /// - Parameters:
    ///   - consumers: begin once the database is prepared.
    ///   - loops: other work in the background; likewise.
    ///   - doors: serve at once; what they need says 503 until the database is prepared.
    /// - Throws: `ExitCode` after one log line that says what to do.
    package func run(
        consumers: [Consumer], loops: [@Sendable () async -> Void] = [],
        doors: [any ListeningService]
    ) async throws {
        guard !settings.isMigrationOnly else { return try await migrate() }
        let sources = consumers.map(\.source)
        let backends: [any Service] = [
            ClosedAtShutdown { for pool in pools { await pool.close() } },
            BackgroundLoop { await publisher.run() },
            loop(on: relayThread) { await relay.run() },
        ]
        let intake: [any Service] =
            sources.map { source in BackgroundLoop { await source.run() } }
            + consumers.map { loop(on: consumerThread, $0.loop) }
            + (loops + [gauge.run, keyPruner.run]).map { BackgroundLoop(after: gate, $0) }
        try await runDaemon(
            name: name, logger: logger, readiness: readiness, progress: progress,
            security: security, services: backends + intake + [monitor(sources), startUp],
            doors: doors, last: [abandonment])
    }

    /// A loop that begins once the database is prepared, on the thread of the connection that it
    /// talks to all the time.
    private func loop(
        on thread: PinnedThread, _ body: @escaping @Sendable () async -> Void
    ) -> BackgroundLoop {
        BackgroundLoop(after: gate) {
            await withTaskExecutorPreference(thread.tasks, operation: body)
        }
    }

    private var pools: [PostgresPool] { [relaying, consuming, tidying, probing, reading, doors] }

    /// Last in the list, so the first to hear of the shutdown. A database that says nothing must
    /// not keep the service from stopping in time: what is under way then is taken up again after
    /// the next start.
    private var abandonment: ClosedAtShutdown {
        ClosedAtShutdown {
            // Unstructured on purpose: the others stop meanwhile, and mostly long before.
            Task.detached {
                try? await Task.sleep(for: Self.patience)
                for pool in pools { pool.abandon() }
            }
        }
    }

    /// How long a stop waits for the database.
    private static let patience: Duration = .seconds(4)

    private var relay: OutboxRelay {
        OutboxRelay(
            outbox: PostgresOutbox(pool: relaying), publisher: publisher, wake: outboxFilled,
            pollInterval: settings.outboxPollInterval,
            pulse: pulse("relay", rest: settings.outboxPollInterval), logger: logger)
    }

    private var gauge: OutboxGauge {
        OutboxGauge(outbox: PostgresOutbox(pool: reading), logger: logger)
    }

    private var keyPruner: Pruner {
        pruner("idempotency_keys") { pool in
            try await PostgresIdempotency.prune(pool, olderThan: PostgresIdempotency.retention)
        }
    }

    private func monitor(_ sources: [RabbitSubscription]) -> DependencyMonitor {
        DependencyMonitor(
            readiness: readiness,
            probes: [
                .init("database", after: gate) { try await probing.ping() },
                .init("broker") {
                    await publisher.turn()
                    for source in sources { await source.turn() }
                    try publisher.state.require()
                    // Without the others messages come one by one.
                    for source in sources where source.form == .single {
                        try source.state.require()
                    }
                },
            ], progress: progress.enter("dependency monitor"))
    }

    private var startUp: StartUp {
        StartUp(readiness: readiness, gate: gate, logger: logger) {
            try await probing.ping()
            try await probing.requireDurability()
            switch settings.migrations {
            case .apply: try await migrator.run(on: probing)
            case .check: try await migrator.check(on: probing)
            }
        }
    }

    private func migrate() async throws {
        do {
            try await startUp.prepared()
            logger.notice("the schema is up to date")
        } catch {
            logger.critical("\(name) failed: \(error)")
            throw ExitCode.failure
        }
        await probing.close()
    }
}
