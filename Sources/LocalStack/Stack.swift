import Glibc
package import Logging

/// What a stack is to consist of.
package struct StackOptions: Sendable {
    /// Absolute path of the stack's folder.
    package var path: String
    /// The caller's environment: names servers to use instead of own ones, and reaches the daemons.
    package var environment: [String: String]
    /// Where the daemons' programs lie; `nil` starts the servers alone.
    package var daemonFolder: String?
    /// Ports without an order, for stacks that run side by side.
    package var scattersPorts = false
    package var maxConnections = 100
    /// `false` starts no PostgreSQL, for a test of the broker alone.
    package var needsPostgres = true
    /// TLS everywhere, and tokens at the doors.
    package var isSecure = false
    /// The kernel kills the processes when the caller dies, instead of leaving them to the next
    /// start.
    package var endsWithCaller = false

    /// A stack in `path`.
    package init(path: String, environment: [String: String], daemonFolder: String?) {
        self.path = path
        self.environment = environment
        self.daemonFolder = daemonFolder
    }
}

/// A private PostgreSQL, a private RabbitMQ and the three daemons on loopback, from start to stop.
///
/// The actor owns every process it starts; ``stop()`` leaves none.
package actor Stack {
    /// What needs comes after what is needed; it all stops the other way round.
    static let startOrder = ["postgres", "epmd", "rabbitmq", "orders", "payments", "gateway"]

    private let options: StackOptions
    private let choice: ServerChoice
    private let user: ServerUser?
    private let folder: StackFolder
    private let lock: FolderLock
    private let security: StackSecurity?
    private let state: StateFile
    private let logger: Logger
    package nonisolated let ports: PortPlan
    private var keepers: [(name: String, keeper: Keeper)] = []
    private var addresses = StackAddresses()

    /// Takes hold of the folder, ends what a killed predecessor left there, and chooses ports.
    ///
    /// - Throws: ``StackError`` when another supervisor has the folder, or root finds no account
    ///   for the servers.
    package init(_ options: StackOptions, logger: Logger) async throws {
        self.options = options
        self.logger = logger
        user = try ServerUser.choose()
        let folder = StackFolder.choose(path: options.path, user: user, modeOf: Disk.mode(of:))
        self.folder = folder
        try folder.prepare(user: user)
        lock = try FolderLock(folder)
        security = options.isSecure ? StackSecurity(folder) : nil
        if let last = StackState.read(folder) {
            for name in await Orphans.end(last.processes) {
                logger.warning("ended \(name), which a killed supervisor had left behind")
            }
        }
        choice = ServerChoice(
            environment: options.environment,
            ownPasswords: ["orders", "payments", "broker"].compactMap { name in
                Secret.known("\(name).password", in: folder)
            })
        guard let own = ProcessIdentity(pid: getpid()) else { throw StackError("No /proc") }
        ports =
            try options.scattersPorts
            ? .scattered() : .choose(isFree: FreePort.isFree)
        state = StateFile(
            StackState(supervisor: own, serverPath: folder.serverPath), path: folder.state)
    }

    /// Starts everything and returns the addresses once all of it is healthy.
    ///
    /// - Throws: ``StackError`` with the reason; call ``stop()`` then.
    package func start() async throws -> StackAddresses {
        do {
            try await startServers()
            if let daemonFolder = options.daemonFolder { try await startDaemons(in: daemonFolder) }
        } catch {
            state.update {
                $0.failure = "\(error)"
                $0.phase = .failed
            }
            throw error
        }
        state.update { $0.phase = .ready }
        return addresses
    }

    /// Stops in order (gateway, services, broker, database) and returns when nothing runs any more.
    package func stop() async {
        state.update { if $0.phase != .failed { $0.phase = .stopping } }
        for wave in [["gateway"], ["orders", "payments"], ["rabbitmq"], ["epmd"], ["postgres"]] {
            await withTaskGroup { group in
                for (name, keeper) in keepers where wave.contains(name) {
                    group.addTask { await keeper.stop() }
                }
            }
        }
        keepers = []
    }

    /// The keeper of the process `name`, for a test that kills it.
    package func keeper(_ name: String) throws -> Keeper {
        guard let found = keepers.first(where: { $0.name == name }) else {
            throw StackError("No process \(name): \(keepers.map(\.name).joined(separator: ", "))")
        }
        return found.keeper
    }

    package nonisolated var currentState: StackState { state.current }
    package nonisolated var location: StackFolder { folder }

    private func startServers() async throws {
        choice.notes.forEach(note)
        if let user {
            note("servers run as \(user.name), because root must not run them")
            if folder.serverPath != folder.path {
                note("\(user.name) cannot reach \(folder.path): data are in \(folder.serverPath)")
            }
        }
        addresses.ordersDatabase = choice.ordersDatabase ?? ""
        addresses.paymentsDatabase = choice.paymentsDatabase ?? ""
        addresses.broker = choice.broker ?? ""
        if let security {
            note("making certificates and tokens where they are missing")
            try await security.prepare()
            addresses.authority = security.certificates.authority
            addresses.tokenFile = security.tokenFile("operator")
        }
        async let postgres: Void =
            options.needsPostgres && choice.needsPostgres ? startPostgres() : ()
        async let broker: Void = choice.needsBroker ? startBroker() : ()
        _ = try await (postgres, broker)
        publishAddresses()
    }

    private func startPostgres() async throws {
        try requireInstalled(PostgresCluster.binaries + "/postgres")
        note(taken(.postgres))
        let cluster = PostgresCluster(
            folder: folder, port: ports[.postgres], user: user,
            maxConnections: options.maxConnections)
        let administrator = try Secret.keep("postgres.password", in: folder)
        if !Disk.exists(cluster.dataFolder) { note("making a PostgreSQL cluster") }
        try await cluster.prepare(
            administratorPassword: administrator, certificates: security?.certificates)
        note("starting PostgreSQL")
        var plan = plan("postgres", cluster.server, port: .postgres) { await cluster.health() }
        plan.stopSignal = SIGINT
        try await keep(plan, within: .seconds(90))
        var passwords: [String: String] = [:]
        for name in PostgresCluster.services {
            passwords[name] = try Secret.keep("\(name).password", in: folder)
        }
        try await cluster.prepareRoles(
            administratorPassword: administrator, passwords: passwords)
        try writePasswordFile(cluster, administrator: administrator, passwords: passwords)
        func url(_ name: String) -> String {
            cluster.url(
                role: name, password: passwords[name] ?? "", database: name,
                authority: security?.certificates.authority)
        }
        addresses.ordersDatabase = choice.ordersDatabase ?? url("orders")
        addresses.paymentsDatabase = choice.paymentsDatabase ?? url("payments")
        addresses.administrator = cluster.url(
            role: PostgresCluster.administrator, password: administrator, database: "postgres")
        addresses.pgpass = folder.pgpass
    }

    private func writePasswordFile(
        _ cluster: PostgresCluster, administrator: String, passwords: [String: String]
    ) throws {
        var lines = [
            "127.0.0.1:\(cluster.port):*:\(PostgresCluster.administrator):\(administrator)"
        ]
        lines += passwords.sorted { $0.key < $1.key }.map { name, password in
            "127.0.0.1:\(cluster.port):\(name):\(name):\(password)"
        }
        try Disk.write(lines.map { $0 + "\n" }.joined(), to: folder.pgpass)
    }

    private func startBroker() async throws {
        try requireInstalled(BrokerNode.binaries + "/rabbitmq-server")
        note(taken(.broker))
        let node = BrokerNode(folder: folder, ports: ports, user: user)
        let users = BrokerUsers(
            passwords: [
                BrokerUsers.administrator: try Secret.keep("broker.password", in: folder),
                BrokerUsers.orders: try Secret.keep("broker-orders.password", in: folder),
                BrokerUsers.payments: try Secret.keep("broker-payments.password", in: folder),
            ], environment: options.environment)
        try node.prepare(
            users: users, cookie: Secret.keep("erlang.cookie", in: folder),
            certificates: security?.certificates)
        note("starting RabbitMQ")
        try await keep(
            plan("epmd", node.portMapper, port: .epmd) { [port = ports[.epmd]] in
                FreePort.isFree(port) ? .unhealthy("does not listen yet") : .healthy
            }, within: .seconds(20))
        try await keep(
            plan("rabbitmq", node.server, port: .broker) { [ports, isSecure = security != nil] in
                guard !isSecure || !FreePort.isFree(ports[.brokerTLS]) else {
                    return .unhealthy("does not listen for TLS yet")
                }
                return await HealthProbe.amqp(port: ports[.broker])
            }, within: Self.brokerPatience)
        func url(_ user: String) -> String {
            node.url(user, password: users.passwords[user] ?? "", isEncrypted: security != nil)
        }
        addresses.broker = url(BrokerUsers.administrator)
        addresses.ordersBroker = url(BrokerUsers.orders)
        addresses.paymentsBroker = url(BrokerUsers.payments)
    }

    /// How long a broker may take until it serves: two cores that start several at once need some
    /// minutes.
    package static let brokerPatience = Duration.seconds(300)

    private func startDaemons(in daemonFolder: String) async throws {
        let base = security == nil ? "http://127.0.0.1" : "https://localhost"
        addresses.orders = "\(base):\(ports[.orders])"
        addresses.payments = "\(base):\(ports[.payments])"
        addresses.gateway = "\(base):\(ports[.gateway])"
        addresses.ordersRPC = "\(security == nil ? "127.0.0.1" : base):\(ports[.ordersRPC])"
        for use in [PortUse.orders, .payments, .gateway, .ordersRPC] { note(taken(use)) }
        let plans = try Daemon.allCases.map { try plan($0, in: daemonFolder) }
        note("starting \(plans.map(\.name).joined(separator: ", "))")
        try await withThrowingTaskGroup { group in
            for plan in plans {
                group.addTask { try await self.keep(plan, within: .seconds(90)) }
            }
            try await group.waitForAll()
        }
        publishAddresses()
    }

    private func plan(_ daemon: Daemon, in daemonFolder: String) throws -> ProcessPlan {
        let program = "\(daemonFolder)/\(daemon.program)"
        guard Disk.exists(program) else {
            throw StackError("\(program) is missing: build it first (make build)")
        }
        let command = Command(
            program,
            environment: daemon.environment(
                inheriting: options.environment, addresses: addresses, ports: ports,
                swaggerUI: Daemon.swaggerUI(near: daemonFolder), security: security))
        let authority = addresses.authority
        return plan(daemon.rawValue, command, port: daemon.port) { [port = ports[daemon.port]] in
            await HealthProbe.daemon(port: port, authority: authority)
        }
    }
}

// MARK: The small steps

extension Stack {
    private func plan(
        _ name: String, _ command: Command, port: PortUse,
        health: @escaping @Sendable () async -> Health
    ) -> ProcessPlan {
        var command = command
        command.endsWithParent = options.endsWithCaller
        return ProcessPlan(
            name: name, command: command, log: folder.log(name),
            port: ports[port], health: health)
    }

    private func keep(_ plan: ProcessPlan, within limit: Duration) async throws {
        folder.rotateLogs(of: [plan.name])
        let keeper = Keeper(plan, logger: logger) { [state] in state.update($0) }
        keepers.append((plan.name, keeper))
        try await keeper.start(within: limit)
        note("\(plan.name) is ready on port \(plan.port ?? 0)")
    }

    private func publishAddresses() {
        state.update { [addresses] in $0.addresses = addresses }
    }

    private func requireInstalled(_ program: String) throws {
        guard Disk.exists(program) else {
            throw StackError("\(program) is missing: deploy/prerequisites installs it")
        }
    }

    private func taken(_ use: PortUse) -> String? {
        guard !options.scattersPorts, ports[use] != use.preferred else { return nil }
        return "port \(use.preferred) is taken: \(use.rawValue) listens on \(ports[use])"
    }

    private func note(_ line: String?) {
        guard let line else { return }
        logger.info("\(line)")
        state.update { $0.notes.append(line) }
    }
}
