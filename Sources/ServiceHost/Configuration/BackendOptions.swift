import ArgumentParser

/// The flags of a daemon that has a database and a broker behind it.
package struct BackendOptions: ParsableArguments {
    @Option(help: Self.databaseURLSetting.help) private var databaseURL: String?
    @Option(help: Self.brokerURLSetting.help) private var brokerURL: String?
    @Option(help: Self.outboxPollIntervalSetting.help) private var outboxPollInterval: String?
    @Option(help: Self.orderCreatedQueueSetting.help) private var orderCreatedQueue: String?
    @Option(help: Self.paymentSuccessQueueSetting.help) private var paymentSuccessQueue: String?
    @Option(help: Self.paymentFailedQueueSetting.help) private var paymentFailedQueue: String?
    @Option(help: Self.messageBundlesSetting.help) private var messageBundles: String?
    @Option(help: Self.queueWaitSetting.help) private var queueWait: String?
    @Option(help: Self.migrationsSetting.help) private var migrations: String?
    @Flag(help: "Bring the schema up to date, and end.") private var migrateOnly = false

    @Option(help: Self.brokerCAFileSetting.help) private var brokerCAFile: String?
    @Option(help: Self.trustedPublisherSetting.help) private var trustedPublisher: String?
    @Flag(
        help: """
            Believe messages that name no publisher, too, as the reference project's services send \
            them: whoever may publish anything can then forge them (environment: \
            ACCEPT_UNSIGNED_MESSAGES or ACCEPT_UNSIGNED_MESSAGES_FILE; default: false)
            """)
    private var acceptUnsignedMessages = false

    private static let databaseURLSetting = Setting<String>.url(
        "DATABASE_URL", "The service's own PostgreSQL database",
        schemes: ["postgresql", "postgres", "postgresql+asyncpg"], isSecret: true)
    private static let brokerURLSetting = Setting<String>.url(
        "BROKER_URL", "The RabbitMQ broker, amqp:// or amqps://user:password@host:port/vhost",
        schemes: ["amqp", "amqps"], isSecret: true)
    private static let outboxPollIntervalSetting = Setting<Duration>.seconds(
        "OUTBOX_POLL_INTERVAL",
        "Seconds after which an idle relay looks into the outbox unasked; commits wake it at once",
        in: 0.01...3_600, default: "1")
    private static let orderCreatedQueueSetting = Setting<String>.text(
        "ORDER_CREATED_QUEUE", "Queue of accepted orders", default: "order_created")
    private static let paymentSuccessQueueSetting = Setting<String>.text(
        "PAYMENT_SUCCESS_QUEUE", "Queue of charges that succeeded", default: "payment_success")
    private static let paymentFailedQueueSetting = Setting<String>.text(
        "PAYMENT_FAILED_QUEUE", "Queue of charges that failed", default: "payment_failed")
    private static let messageBundlesSetting = Setting<Bool>.boolean(
        "MESSAGE_BUNDLES",
        "Whether messages that wait together travel as one, to and from services that know how",
        default: true)
    private static let queueWaitSetting = Setting<Duration>.seconds(
        "QUEUE_WAIT",
        "Seconds that a request may be expected to wait for the database, more get 503 at once",
        in: 0.01...60, default: "1")

    private static let brokerCAFileSetting = Setting<String>.text(
        "BROKER_CA_FILE", "Who vouches for the broker's certificate (amqps), in PEM",
        default: "/etc/ssl/certs/ca-certificates.crt")
    private static let trustedPublisherSetting = Setting<String?>(
        "TRUSTED_PUBLISHER",
        "The broker's user whose messages are believed: for Orders that of Payments, for Payments "
            + "that of Orders; empty means the user of BROKER_URL, for services that share one",
        default: "", expected: "a user's name"
    ) { .some($0.isEmpty ? nil : $0) }
    private static let acceptUnsignedMessagesSetting = Setting<Bool>.boolean(
        "ACCEPT_UNSIGNED_MESSAGES", "", default: false)
    private static let migrationsSetting = Setting<Migrations>(
        "MIGRATIONS",
        "Who changes the schema: 'apply' has the daemon bring it up to date at its start; 'check' "
            + "has it wait until the owner's role did, with --migrate-only",
        default: "apply", expected: "'apply' or 'check'"
    ) { Migrations(rawValue: $0) }

    /// Who changes the schema.
    package enum Migrations: String, Sendable {
        /// The daemon, at its start.
        case apply
        /// Somebody else; the daemon waits until it is done.
        case check
    }

    /// Called by ArgumentParser.
    package init() {}

    /// What the flags, files and environment come to.
    package struct Resolved: Sendable {
        /// A libpq URL; never to be shown.
        package let databaseURL: String
        /// An AMQP URL; never to be shown.
        package let brokerURL: String
        /// The relay's fallback.
        package let outboxPollInterval: Duration
        /// Queue of `order_created`.
        package let orderCreatedQueue: String
        /// Queue of `payment_success`.
        package let paymentSuccessQueue: String
        /// Queue of `payment_failed`.
        package let paymentFailedQueue: String
        /// Whether messages that wait together travel as one.
        package let bundlesMessages: Bool
        /// How long a request may be expected to wait for the database.
        package let queueWait: Duration
        /// Who vouches for the broker's certificate.
        package let brokerCAFile: String
        /// The broker's user whose messages are believed; nil for the daemon's own.
        package let trustedPublisher: String?
        /// Whether messages without a publisher are believed.
        package let acceptsUnsignedMessages: Bool
        /// Who changes the schema.
        package let migrations: Migrations
        /// Whether to change the schema and end.
        package let isMigrationOnly: Bool
    }

    /// Finds the values.
    ///
    /// - Throws: `ValidationError` (exit code 64).
    package func resolve(from sources: SettingSources = .process) throws -> Resolved {
        let database = try Self.databaseURLSetting.resolve(flag: databaseURL, from: sources)
        return Resolved(
            // SQLAlchemy's way to name a driver, which the reference project's operators have in
            // their files.
            databaseURL: database.replacing("postgresql+asyncpg://", with: "postgresql://"),
            brokerURL: try Self.brokerURLSetting.resolve(flag: brokerURL, from: sources),
            outboxPollInterval: try Self.outboxPollIntervalSetting
                .resolve(flag: outboxPollInterval, from: sources),
            orderCreatedQueue: try Self.orderCreatedQueueSetting
                .resolve(flag: orderCreatedQueue, from: sources),
            paymentSuccessQueue: try Self.paymentSuccessQueueSetting
                .resolve(flag: paymentSuccessQueue, from: sources),
            paymentFailedQueue: try Self.paymentFailedQueueSetting
                .resolve(flag: paymentFailedQueue, from: sources),
            bundlesMessages: try Self.messageBundlesSetting
                .resolve(flag: messageBundles, from: sources),
            queueWait: try Self.queueWaitSetting.resolve(flag: queueWait, from: sources),
            brokerCAFile: try Self.brokerCAFileSetting.resolve(flag: brokerCAFile, from: sources),
            trustedPublisher: try Self.trustedPublisherSetting
                .resolve(flag: trustedPublisher, from: sources),
            acceptsUnsignedMessages: try Self.acceptUnsignedMessagesSetting
                .resolve(flag: acceptUnsignedMessages ? "true" : nil, from: sources),
            migrations: migrateOnly
                ? .apply : try Self.migrationsSetting.resolve(flag: migrations, from: sources),
            isMigrationOnly: migrateOnly)
    }
}
