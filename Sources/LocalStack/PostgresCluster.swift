/// A private PostgreSQL cluster: what it is made of and every command line it takes, as values.
package struct PostgresCluster: Sendable, Equatable {
    package static let binaries = "/usr/lib/postgresql/15/bin"
    package static let administrator = "kassa_admin"
    /// One database for each service, owned by a role of the same name: neither can read the
    /// other's.
    package static let services = ["orders", "payments"]

    let folder: StackFolder
    package let port: Int
    let user: ServerUser?
    let maxConnections: Int

    /// - Parameter maxConnections: the server's bound on sessions.
    package init(folder: StackFolder, port: Int, user: ServerUser?, maxConnections: Int = 100) {
        self.folder = folder
        self.port = port
        self.user = user
        self.maxConnections = maxConnections
        self.dataFolder = folder.postgres + "/data"
    }

    package internal(set) var dataFolder: String

    /// libpq's URL of a database as `role`.
    ///
    /// - Parameter authority: who vouches for the server; nil connects in the clear.
    package func url(
        role: String, password: String, database: String, authority: String? = nil
    ) -> String {
        let url = "postgresql://\(role):\(password)@127.0.0.1:\(port)/\(database)"
        guard let authority else { return url }
        return "\(url)?sslmode=verify-full&sslrootcert=\(authority.percentEncoded)"
    }

    /// Bytewise order and UTF-8, as the contract compares user ids; passwords even on loopback.
    func initialise(passwordFile: String) -> Command {
        command(
            "initdb",
            [
                "--pgdata=\(dataFolder)", "--username=\(Self.administrator)",
                "--pwfile=\(passwordFile)", "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C.UTF-8", "--lc-messages=C",
            ])
    }

    /// The server in the foreground. SIGINT ends its sessions and stops it, SIGQUIT is a crash on
    /// purpose.
    package var server: Command { command("postgres", ["-D", dataFolder]) }

    /// Answers 0 once the server takes connections.
    var isReady: Command {
        command("pg_isready", ["--host=127.0.0.1", "--port=\(port)", "--timeout=3", "--quiet"])
    }

    /// psql as the administrator, which reads its script from standard input and stops at the first
    /// error.
    package func administer(password: String, database: String = "postgres") -> Command {
        var command = command(
            "psql",
            [
                "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                "--set=ON_ERROR_STOP=1", "--host=127.0.0.1", "--port=\(port)",
                "--username=\(Self.administrator)", "--dbname=\(database)",
            ])
        command.environment["PGPASSWORD"] = password
        return command
    }

    /// Small, quick to start, and as durable as a production server: a power cut must lose nothing
    /// here either.
    var configuration: String {
        // A socket's path has 107 bytes; in a deep checkout TCP alone must do.
        let socketFolder = folder.postgres.utf8.count <= 80 ? folder.postgres : ""
        return """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = '\(socketFolder.replacing("'", with: "''"))'
            max_connections = \(maxConnections)
            shared_buffers = 128MB
            max_wal_size = 1GB
            fsync = on
            full_page_writes = on
            synchronous_commit = on
            autovacuum_naptime = 10s
            autovacuum_vacuum_scale_factor = 0.01
            password_encryption = scram-sha-256
            logging_collector = off
            log_destination = stderr
            log_line_prefix = '%m [%p] %q%u@%d '
            log_timezone = 'UTC'
            timezone = 'UTC'
            cluster_name = 'kassa'

            """
    }

    /// Roles and databases of the services; harmless when they exist.
    ///
    /// Passwords are letters and digits (``Secret``), so they need no quoting here.
    static func roles(_ passwords: [String: String]) -> String {
        services.map { name in
            """
            SELECT 'CREATE ROLE \(name) LOGIN NOSUPERUSER'
              WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(name)') \\gexec
            ALTER ROLE \(name) PASSWORD '\(passwords[name] ?? "")';
            SELECT 'CREATE DATABASE \(name) OWNER \(name)'
              WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '\(name)') \\gexec
            REVOKE ALL ON DATABASE \(name) FROM PUBLIC;

            """
        }.joined()
    }

    private func command(_ program: String, _ arguments: [String]) -> Command {
        Command(
            "\(Self.binaries)/\(program)", arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"],
            workingDirectory: folder.serverPath, user: user)
    }
}
