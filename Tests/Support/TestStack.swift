import Foundation
package import LocalStack

/// A private PostgreSQL and RabbitMQ for tests, on ports that nobody else uses.
///
/// The servers belong to a `kassa-stack run` process that ends with its standard input: when the
/// test process goes, however it goes, nothing stays behind.
package final class TestStack: Sendable {
    private let line: ReadyLine
    private let control: ControlLine

    private init(_ flags: [String]) async throws {
        control = try await ControlLine.start(flags)
        line = control.ready
    }

    /// The one stack that the tests of this process share; started by the first that asks.
    /// Databases and queues are fresh for each test, so tests in parallel do not meet; none may
    /// stop these servers.
    package static func shared() async throws -> TestStack { try await sharedStart.value }

    private static let sharedStart = Task {
        try await TestStack(["--only-backends", "--max-connections", "400"])
    }

    /// Servers of one test's own, to be killed at will. Takes some seconds; call ``stop()`` at the
    /// end.
    package static func ownStack() async throws -> TestStack {
        try await TestStack(["--only-backends"])
    }

    /// A RabbitMQ of one test's own, without a PostgreSQL; call ``stop()`` at the end.
    package static func ownBroker() async throws -> TestStack {
        try await TestStack(["--only-broker"])
    }

    /// Servers of one suite's own that speak TLS too, with the services' own users in the broker;
    /// call ``stop()`` at the end.
    package static func ownSecureStack() async throws -> TestStack {
        try await TestStack(["--only-backends", "--secure"])
    }

    /// Certificates and tokens of ``ownSecureStack()``; nil of any other.
    package var security: StackSecurity? {
        line.addresses.authority.map { _ in StackSecurity(line.folder) }
    }

    /// The broker's URL as the service `name` has it, with a user that may do what it must.
    package func brokerURL(of name: String) -> String {
        let own =
            name == BrokerUsers.orders
            ? line.addresses.ordersBroker : line.addresses.paymentsBroker
        return own ?? line.addresses.broker
    }

    /// amqp:// URL of the broker, as a user that may do everything.
    package var brokerURL: String { line.addresses.broker }

    /// The port of PostgreSQL on 127.0.0.1, for a proxy in between.
    package var postgresPort: Int { line.ports[.postgres] }

    /// The port of RabbitMQ on 127.0.0.1, for a proxy in between.
    package var brokerPort: Int { line.ports[.broker] }

    /// libpq URL of a new, empty database, as the cluster's superuser.
    package func freshDatabase() async throws -> String {
        let name = Self.freshName("test")
        _ = try await psql("CREATE DATABASE \(name)")
        return try cluster.url(
            role: PostgresCluster.administrator, password: administratorPassword, database: name,
            authority: line.addresses.authority)
    }

    /// A queue name that nobody else uses; nothing is declared.
    package func freshQueue(_ prefix: String) -> String { Self.freshName(prefix) }

    /// Runs SQL as the superuser, by psql, and returns its rows: columns separated by `|`, one row
    /// a line.
    ///
    /// - Throws: `StackError` with the server's words.
    package func psql(_ sql: String, database: String = "postgres") async throws -> String {
        try await cluster.administer(password: administratorPassword, database: database)
            .runOrThrow(input: sql + ";\n", within: .seconds(120))
    }

    /// Runs rabbitmqctl against this broker and returns what it prints. Takes a second or two.
    @discardableResult
    package func rabbitmqctl(_ arguments: String...) async throws -> String {
        try await BrokerNode(folder: line.folder, ports: line.ports, user: ServerUser.choose())
            .control(arguments).runOrThrow(within: .seconds(120))
    }

    /// Has the broker write down which queues there are. It does so by itself within some seconds;
    /// one that is killed sooner forgets a new queue, and with it the messages that it had
    /// confirmed.
    package func keepQueues() async throws { try await rabbitmqctl("eval", "mnesia:sync_log().") }

    /// SIGKILL to the broker, which stays down until ``startBroker()``.
    package func killBroker() async throws { try await control.order("kill rabbitmq") }

    /// Starts the broker that ``killBroker()`` ended, and waits until it answers.
    package func startBroker() async throws { try await control.order("start rabbitmq") }

    /// SIGKILL to PostgreSQL, which stays down until ``startPostgres()``.
    package func killPostgres() async throws { try await control.order("kill postgres") }

    /// Starts the PostgreSQL that ``killPostgres()`` ended, and waits until it takes connections.
    package func startPostgres() async throws { try await control.order("start postgres") }

    /// A crash of PostgreSQL with recovery, as `pg_ctl restart -m immediate`; returns when it is
    /// back.
    package func restartPostgresImmediately() async throws {
        try await control.order("crash postgres")
    }

    /// Ends the servers of ``ownStack()`` or ``ownBroker()``; their data go too.
    package func stop() async { await control.close() }

    private var cluster: PostgresCluster {
        get throws {
            try PostgresCluster(
                folder: line.folder, port: line.ports[.postgres], user: ServerUser.choose())
        }
    }

    /// The file in which the server's parent process has its id.
    var postmasterFile: String {
        get throws { try postgresFolder + "/postmaster.pid" }
    }

    /// Where PostgreSQL keeps its data.
    package var postgresFolder: String {
        get throws { try cluster.dataFolder }
    }

    /// What the servers' supervisor knows of them.
    var state: StackState? { StackState.read(line.folder) }

    private static func freshName(_ prefix: String) -> String {
        "\(prefix)_\(UUID().uuidString.lowercased().filter { $0 != "-" })"
    }

    private var administratorPassword: String {
        guard let url = line.addresses.administrator.flatMap(URL.init(string:)) else { return "" }
        return url.password ?? ""
    }
}
