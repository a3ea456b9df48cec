/// A private RabbitMQ node with an epmd of its own: configuration and command lines, as values.
package struct BrokerNode: Sendable, Equatable {
    package static let binaries = "/usr/lib/rabbitmq/bin"
    let folder: StackFolder
    package let port: Int
    let encryptedPort: Int
    let distributionPort: Int
    let epmdPort: Int
    let user: ServerUser?

    /// A node that keeps everything below `folder.broker`.
    package init(folder: StackFolder, ports: PortPlan, user: ServerUser?) {
        self.folder = folder
        self.port = ports[.broker]
        self.encryptedPort = ports[.brokerTLS]
        self.distributionPort = ports[.brokerDistribution]
        self.epmdPort = ports[.epmd]
        self.user = user
    }

    /// The address that clients use, with the default virtual host. Over TLS by name: librabbitmq
    /// does not look for an address in a certificate.
    func url(_ user: String, password: String, isEncrypted: Bool = false) -> String {
        isEncrypted
            ? "amqps://\(user):\(password)@localhost:\(encryptedPort)/"
            : "amqp://\(user):\(password)@127.0.0.1:\(port)/"
    }

    /// Where the node's own copies of certificate and key are, and its users.
    var authority: String { folder.broker + "/ca.pem" }
    var certificate: String { folder.broker + "/server.pem" }
    var key: String { folder.broker + "/server.key" }
    var definitions: String { folder.broker + "/definitions.json" }

    /// Listeners on loopback, no `guest`, no plugins; the alarm on a full disk close to the end
    /// of it. Connections that come and go, health checks above all, are no news.
    func configuration(isEncrypted: Bool) -> String {
        """
        listeners.tcp.1 = 127.0.0.1:\(port)
        \(isEncrypted ? encryption : "")
        load_definitions = \(definitions)
        disk_free_limit.absolute = 50MB
        log.file = false
        log.console = true
        log.console.level = info
        log.connection.level = error

        """
    }

    private var encryption: String {
        """
        listeners.ssl.1 = 127.0.0.1:\(encryptedPort)
        ssl_options.cacertfile = \(authority)
        ssl_options.certfile = \(certificate)
        ssl_options.keyfile = \(key)
        ssl_options.verify = verify_none
        ssl_options.versions.1 = tlsv1.3
        ssl_options.versions.2 = tlsv1.2
        """
    }

    /// The Erlang port mapper in the foreground: a child, so it is ours to stop. RabbitMQ and its
    /// tools would otherwise start one that outlives them.
    package var portMapper: Command {
        Command(
            "/usr/bin/epmd", ["-port", "\(epmdPort)", "-address", "127.0.0.1"],
            environment: environment, workingDirectory: folder.broker, user: user)
    }

    /// The broker itself, in the foreground: `rabbitmq-server` becomes the Erlang machine, which
    /// stops in order on SIGTERM. Debian's wrapper in /usr/sbin insists on its own account and
    /// folders.
    package var server: Command {
        Command(
            "\(Self.binaries)/rabbitmq-server", environment: environment,
            workingDirectory: folder.broker, user: user)
    }

    /// `rabbitmqctl` with these arguments, speaking to this node alone.
    package func control(_ arguments: [String]) -> Command {
        Command(
            "\(Self.binaries)/rabbitmqctl", ["--quiet"] + arguments, environment: environment,
            workingDirectory: folder.broker, user: user)
    }

    private var environment: [String: String] {
        let base = folder.broker
        return [
            "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            // The cookie is read from here.
            "HOME": base,
            "RABBITMQ_NODENAME": "kassa@localhost",
            "RABBITMQ_CONF_ENV_FILE": base + "/rabbitmq-env.conf",
            "RABBITMQ_CONFIG_FILE": base + "/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": base + "/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": base + "/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": base + "/mnesia",
            "RABBITMQ_LOG_BASE": base + "/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": base + "/rabbitmq.pid",
            "RABBITMQ_DIST_PORT": "\(distributionPort)",
            // The script then becomes the machine instead of waiting beside it; -noinput replaces
            // what that mode leaves out.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput +B i -start_epmd false",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": "\(epmdPort)",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP": base + "/erl_crash.dump",
        ]
    }
}
