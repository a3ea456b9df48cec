@testable import LocalStack
import Testing

@Suite struct CommandLineTests {
    private let folder = StackFolder(path: "/srv/kassa/.kassa")
    private var ports: PortPlan { get throws { try PortPlan.choose { _ in true } } }
    private let user = ServerUser(name: "postgres", userID: 105, groupID: 110)

    @Test func `another account is taken on by setpriv, which drops root's groups`() {
        var command = Command("/bin/true", ["x"], user: user)
        #expect(command.launched.executable == "/usr/bin/setpriv")
        #expect(
            command.launched.arguments == [
                "--reuid=105", "--regid=110", "--clear-groups", "--", "/bin/true", "x",
            ])
        command.endsWithParent = true
        #expect(command.launched.arguments.contains("--pdeathsig=KILL"))
        #expect(Command("/bin/true", ["x"]).launched == ("/bin/true", ["x"]))
    }

    @Test func `the cluster is as durable as a production server and listens on loopback alone`() {
        let cluster = PostgresCluster(folder: folder, port: 54_320, user: nil)
        let lines = Set(cluster.configuration.split(separator: "\n").map(String.init))
        for line in [
            "fsync = on", "full_page_writes = on", "synchronous_commit = on",
            "listen_addresses = '127.0.0.1'", "max_connections = 100", "shared_buffers = 128MB",
            "unix_socket_directories = '/srv/kassa/.kassa/postgres'",
        ] {
            #expect(lines.contains(line))
        }
    }

    @Test func `a folder too deep for a socket leaves TCP alone`() {
        let deep = StackFolder(path: "/" + String(repeating: "x", count: 90))
        let cluster = PostgresCluster(folder: deep, port: 1, user: nil)
        #expect(cluster.configuration.contains("unix_socket_directories = ''\n"))
    }

    @Test func `no password is ever an argument`() throws {
        let cluster = PostgresCluster(folder: folder, port: 54_320, user: user)
        let node = BrokerNode(folder: folder, ports: try ports, user: user)
        let administer = cluster.administer(password: "geheim")
        let commands = [
            cluster.initialise(passwordFile: "/p"), cluster.server, administer, node.server,
            node.portMapper, node.control(["status"]),
        ]
        for command in commands {
            #expect(!command.arguments.contains { $0.contains("geheim") })
            #expect(command.user == user)
        }
        #expect(administer.environment["PGPASSWORD"] == "geheim")
    }

    @Test func `roles and databases are made only where they are missing`() {
        let script = PostgresCluster.roles(["orders": "abc", "payments": "def"])
        #expect(script.components("NOT EXISTS") == 4)
        #expect(script.contains("ALTER ROLE orders PASSWORD 'abc';"))
        #expect(script.contains("REVOKE ALL ON DATABASE payments FROM PUBLIC;"))
    }

    @Test func `the broker reads nothing of Debian's and has a port mapper of its own`() throws {
        let node = BrokerNode(folder: folder, ports: try ports, user: nil)
        let environment = node.server.environment
        for (name, value) in environment where value.hasPrefix("/") && name != "PATH" {
            #expect(value.hasPrefix("/srv/kassa/.kassa/rabbitmq"), "\(name)")
        }
        #expect(environment["ERL_EPMD_PORT"] == "43690")
        #expect(environment["ERL_EPMD_ADDRESS"] == "127.0.0.1")
        #expect(environment["RABBITMQ_SERVER_START_ARGS"]?.contains("-start_epmd false") == true)
        #expect(node.portMapper.arguments == ["-port", "43690", "-address", "127.0.0.1"])
        #expect(node.server.executable == "/usr/lib/rabbitmq/bin/rabbitmq-server")
        let configuration = node.configuration(isEncrypted: false)
        #expect(configuration.contains("listeners.tcp.1 = 127.0.0.1:56720\n"))
        #expect(!configuration.contains("listeners.ssl"))
        let encrypted = node.configuration(isEncrypted: true)
        #expect(encrypted.contains("listeners.ssl.1 = 127.0.0.1:56719\n"))
        #expect(!encrypted.contains("tlsv1.1"))
        #expect(!configuration.contains("guest"))
    }

    @Test func `each daemon is told where its own parts are, and no more`() throws {
        var addresses = StackAddresses()
        addresses.ordersDatabase = "postgresql://o"
        addresses.paymentsDatabase = "postgresql://p"
        addresses.broker = "amqp://b"
        addresses.orders = "http://127.0.0.1:8001"
        addresses.payments = "http://127.0.0.1:8002"
        addresses.ordersRPC = "127.0.0.1:50051"
        let caller = ["LLVM_PROFILE_FILE": "x", "PAYMENTS_DATABASE_URL": "secret"]
        func environment(_ daemon: Daemon) throws -> [String: String] {
            daemon.environment(inheriting: caller, addresses: addresses, ports: try ports)
        }
        let orders = try environment(.orders)
        #expect(orders["DATABASE_URL"] == "postgresql://o")
        #expect(orders["GRPC_PORT"] == "50051")
        #expect(orders["HTTP_PORT"] == "8001")
        #expect(orders["LLVM_PROFILE_FILE"] == "x")
        #expect(!orders.values.contains("secret"))
        #expect(try environment(.payments)["DATABASE_URL"] == "postgresql://p")
        let gateway = try environment(.gateway)
        #expect(gateway["DATABASE_URL"] == nil)
        #expect(gateway["BROKER_URL"] == nil)
        #expect(gateway["ORDER_SERVICE_URL"] == "http://127.0.0.1:8001")
        #expect(gateway["PAYMENT_SERVICE_URL"] == "http://127.0.0.1:8002")
        #expect(gateway["ORDER_SERVICE_GRPC"] == "127.0.0.1:50051")
        #expect(gateway["DOCS_DIRECTORY"] == nil)
        #expect(Daemon.gateway.program == "kassa-gateway")
    }

    @Test func `the gateway is shown Swagger UI's files, unless the caller has others`() throws {
        func folder(_ caller: [String: String]) throws -> String? {
            Daemon.gateway.environment(
                inheriting: caller, addresses: StackAddresses(), ports: try ports,
                swaggerUI: "/srv/kassa/.build/swagger-ui")["DOCS_DIRECTORY"]
        }
        #expect(try folder([:]) == "/srv/kassa/.build/swagger-ui")
        #expect(try folder(["DOCS_DIRECTORY": "/elsewhere"]) == "/elsewhere")
        #expect(Daemon.swaggerUI(near: "/nowhere/.build/debug") == nil)
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
