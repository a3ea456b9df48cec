import Foundation
package import LocalStack
import Synchronization
package import TestSupport

/// A whole shop for one test: the three real daemons as processes, on databases and queues of their
/// own.
///
/// A daemon that is killed comes back at the same address, as under a supervisor.
package final class Shop: Sendable {
    /// The daemons, in the order of starting.
    package enum Daemon: String, CaseIterable, Sendable {
        case orders = "kassa-orders"
        case payments = "kassa-payments"
        case gateway = "kassa-gateway"
    }

    /// The queues, fresh for each shop, so that shops that share a broker do not meet.
    package struct Queues: Sendable {
        package let orderCreated: String
        package let paymentSuccess: String
        package let paymentFailed: String

        /// Those of the contract, and beside each the one for bundles of its messages.
        package var all: [String] {
            [orderCreated, paymentSuccess, paymentFailed].flatMap { [$0, Self.bundles(of: $0)] }
        }

        /// Where messages for a queue go in bundles.
        package static func bundles(of queue: String) -> String { queue + ".bundles" }
    }

    /// Where a service finds its servers: ports of 127.0.0.1 that lead there, such as a proxy's.
    package struct Detour: Sendable {
        let postgres: Int
        let broker: Int

        /// - Parameters: ports.
        package init(postgres: Int, broker: Int) {
            self.postgres = postgres
            self.broker = broker
        }
    }

    package let stack: TestStack
    package let queues: Queues
    /// The gRPC port of Orders.
    package let grpcPort: Int
    private let ports: [Daemon: Int]
    private let ordersURL: String
    private let paymentsURL: String
    private let pollInterval: String
    private let patience: String
    private let detours: [Daemon: Detour]
    /// What the doors ask for; nil where they are open and in the clear.
    package let security: StackSecurity?
    private let settings: [Daemon: [String: String]]
    /// Where the services' programs are; nil for this build's.
    private let programs: String?
    private let descriptors: Int?
    private let running = Mutex<[Daemon: DaemonProcess]>([:])

    private init(
        on stack: TestStack, pollInterval: Duration, patience: Duration,
        settings: [Daemon: [String: String]], programs: String?, detours: [Daemon: Detour],
        descriptors: Int?
    ) async throws {
        self.stack = stack
        self.programs = programs
        self.detours = detours
        self.descriptors = descriptors
        self.patience = "\(patience / .seconds(1))"
        self.settings = settings
        security = stack.security
        self.pollInterval = "\(pollInterval / .seconds(1))"
        // The services' own users may touch no queues but the contract's.
        func queue(_ name: String) -> String {
            stack.security == nil ? stack.freshQueue(name) : name
        }
        queues = Queues(
            orderCreated: queue("order_created"), paymentSuccess: queue("payment_success"),
            paymentFailed: queue("payment_failed"))
        grpcPort = try freePort()
        ports = try Self.freePorts()
        ordersURL = try await stack.freshDatabase()
        paymentsURL = try await stack.freshDatabase()
    }

    private init(beside other: Shop) throws {
        (stack, queues, security) = (other.stack, other.queues, other.security)
        (ordersURL, paymentsURL) = (other.ordersURL, other.paymentsURL)
        (pollInterval, patience, settings) = (other.pollInterval, other.patience, other.settings)
        detours = other.detours
        descriptors = nil
        programs = nil
        grpcPort = try freePort()
        ports = try Self.freePorts()
    }

    private static func freePorts() throws -> [Daemon: Int] {
        try Dictionary(uniqueKeysWithValues: Daemon.allCases.map { ($0, try freePort()) })
    }

    /// Opens a shop and waits until its daemons are ready.
    ///
    /// - Parameters:
    ///   - stack: its servers; nil shares those of the test process. On a stack that speaks TLS
    ///     the daemons do so too, and ask for tokens; one shop at a time has its queues.
    ///   - pollInterval: OUTBOX_POLL_INTERVAL; a long one shows that nothing waits for it.
    ///   - patience: REANNOUNCE_AFTER.
    ///   - daemons: those that start now.
    ///   - settings: more of each daemon's environment.
    ///   - programs: the folder of another version's services; the gateway is this build's.
    ///   - detours: the ports by which a service reaches its servers, where not by their own.
    ///   - descriptors: how many each daemon may have open at most; nil for as many as the test.
    package static func open(
        on stack: TestStack? = nil, pollInterval: Duration = .seconds(1),
        patience: Duration = .seconds(30), daemons: [Daemon] = Daemon.allCases,
        settings: [Daemon: [String: String]] = [:], programs: String? = nil,
        detours: [Daemon: Detour] = [:], descriptors: Int? = nil
    ) async throws -> Shop {
        let backends = if let stack { stack } else { try await TestStack.shared() }
        let shop = try await Shop(
            on: backends, pollInterval: pollInterval, patience: patience, settings: settings,
            programs: programs, detours: detours, descriptors: descriptors)
        try await shop.launchAll(daemons)
        return shop
    }

    /// Opens a second set of daemons, of this build, on the same databases and queues: as on
    /// another machine of the same shop.
    package func openBeside() async throws -> Shop {
        let shop = try Shop(beside: self)
        try await shop.launchAll(Daemon.allCases)
        return shop
    }

    private func launchAll(_ daemons: [Daemon]) async throws {
        for daemon in daemons { try await launch(daemon) }
        for daemon in daemons { try await untilReady(daemon) }
    }

    /// Stops the daemons in order; how each ended tells whether it did as it should.
    @discardableResult
    package func close() async -> [Daemon: ExitStatus] {
        var ends: [Daemon: ExitStatus] = [:]
        for daemon in Daemon.allCases.reversed() {
            guard let process = running.withLock({ $0.removeValue(forKey: daemon) }) else {
                continue
            }
            ends[daemon] = await process.terminate()
        }
        return ends
    }

    // MARK: Daemons.

    /// The daemon's process; it must have been launched.
    package func process(_ daemon: Daemon) throws -> DaemonProcess {
        guard let process = running.withLock({ $0[daemon] }) else {
            throw StackError("\(daemon.rawValue) was not launched")
        }
        return process
    }

    /// Starts a daemon, which is not ready yet.
    ///
    /// - Parameter failpoint: where it is to die or freeze, as KASSA_FAILPOINT has it.
    package func launch(_ daemon: Daemon, failpoint: String? = nil) async throws {
        var environment = environment(of: daemon)
        environment["KASSA_FAILPOINT"] = failpoint
        let process = try await DaemonProcess.start(
            daemon.rawValue, port: port(daemon), environment: environment,
            authority: security?.certificates.authority,
            programs: daemon == .gateway ? nil : programs, descriptors: descriptors)
        running.withLock { $0[daemon] = process }
    }

    /// Waits until a daemon is ready.
    package func untilReady(_ daemon: Daemon) async throws {
        try await process(daemon).untilReady()
    }

    /// SIGKILL, and up again at once, as a supervisor would; not ready yet.
    package func crash(_ daemon: Daemon, failpoint: String? = nil) async throws {
        try await process(daemon).kill()
        try await launch(daemon, failpoint: failpoint)
    }

    /// Base URL of a daemon's HTTP door.
    package func url(_ daemon: Daemon) -> String {
        security == nil ? "http://127.0.0.1:\(port(daemon))" : "https://localhost:\(port(daemon))"
    }

    /// The port of a daemon's HTTP door.
    package func port(_ daemon: Daemon) -> Int { ports[daemon] ?? 0 }

    /// What a daemon is told, but for its own HTTP port.
    package func environment(of daemon: Daemon) -> [String: String] {
        var environment =
            switch daemon {
            case .orders:
                backend(.orders, ordersURL, "orders").merging(
                    ["GRPC_PORT": "\(grpcPort)", "REANNOUNCE_AFTER": patience]
                ) { $1 }
            case .payments: backend(.payments, paymentsURL, "payments")
            case .gateway:
                [
                    "ORDER_SERVICE_URL": url(.orders), "PAYMENT_SERVICE_URL": url(.payments),
                    "ORDER_SERVICE_GRPC": security == nil
                        ? "127.0.0.1:\(grpcPort)" : "https://localhost:\(grpcPort)",
                    "DOCS_DIRECTORY": PythonTools.swaggerUI,
                ]
            }
        if let security, let role = LocalStack.Daemon(rawValue: "\(daemon)") {
            environment.merge(security.environment(of: role)) { $1 }
            environment["TRUSTED_PUBLISHER"] = daemon == .orders ? "payments" : "orders"
        }
        return environment.merging(settings[daemon] ?? [:]) { $1 }
    }

    private func backend(
        _ daemon: Daemon, _ database: String, _ name: String
    ) -> [String: String] {
        let broker = security == nil ? stack.brokerURL : stack.brokerURL(of: name)
        let detour = detours[daemon]
        return [
            "DATABASE_URL": database.replacing(
                ":\(stack.postgresPort)/", with: ":\(detour?.postgres ?? stack.postgresPort)/"),
            "BROKER_URL": broker.replacing(
                ":\(stack.brokerPort)/", with: ":\(detour?.broker ?? stack.brokerPort)/"),
            "OUTBOX_POLL_INTERVAL": pollInterval,
            "ORDER_CREATED_QUEUE": queues.orderCreated,
            "PAYMENT_SUCCESS_QUEUE": queues.paymentSuccess,
            "PAYMENT_FAILED_QUEUE": queues.paymentFailed,
        ]
    }

    // MARK: What is stored.

    /// Rows of the orders database, columns separated by `|`.
    package func ordersRows(_ sql: String) async throws -> [String] {
        try await rows(sql, in: ordersURL)
    }

    /// Rows of the payments database, columns separated by `|`.
    package func paymentsRows(_ sql: String) async throws -> [String] {
        try await rows(sql, in: paymentsURL)
    }

    private func rows(_ sql: String, in url: String) async throws -> [String] {
        let database = URL(string: url)?.lastPathComponent ?? ""
        return try await stack.psql(sql, database: database)
            .split(separator: "\n").map(String.init)
    }
}
