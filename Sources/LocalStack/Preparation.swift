import Glibc

extension StackFolder {
    /// Makes the caller's part of the folder, which must exist before a supervisor can have a log.
    package func prepareOwn() throws {
        try Disk.makeFolder(path, mode: 0o711)
        try Disk.makeFolder(logs, mode: 0o700)
        try Disk.makeFolder(secrets, mode: 0o700)
    }

    /// Makes the folders. What lies on the way to the servers' data may be passed by their account.
    func prepare(user: ServerUser?) throws {
        try prepareOwn()
        try Disk.makeFolder(serverPath, mode: 0o711)
        // /var/tmp is everybody's: a folder that somebody else put there in advance is not ours to
        // use.
        guard let mode = Disk.mode(of: serverPath), mode.owner == geteuid() else {
            throw StackError("\(serverPath) belongs to somebody else")
        }
        for folder in [postgres, broker] {
            try Disk.makeFolder(folder, mode: 0o700, owner: user)
        }
    }

    /// Moves the logs of the last run aside, so that none grows for ever and a failure shows its
    /// own lines.
    func rotateLogs(of names: [String]) {
        for name in names { rename(log(name), log(name) + ".1") }
    }
}

extension PostgresCluster {
    /// Makes the cluster when it is missing, and its configuration anew.
    ///
    /// - Parameter certificates: copied for the server, which then speaks TLS too.
    func prepare(administratorPassword: String, certificates: Certificates?) async throws {
        if !Disk.exists(dataFolder) {
            var draft = self
            draft.dataFolder = dataFolder + ".new"
            try? Disk.remove(draft.dataFolder)
            let passwordFile = folder.postgres + "/password"
            try Disk.write(administratorPassword, to: passwordFile, owner: user)
            defer { unlink(passwordFile) }
            try await draft.initialise(passwordFile: passwordFile)
                .runOrThrow(within: .seconds(120))
            // Moved into place last: a cluster whose making was cut short is never taken for one.
            guard rename(draft.dataFolder, dataFolder) == 0 else {
                throw StackError("Could not move \(draft.dataFolder) into place")
            }
        }
        if let certificates {
            try Disk.copy(certificates.certificate, to: dataFolder + "/server.crt", owner: user)
            try Disk.copy(certificates.key, to: dataFolder + "/server.key", owner: user)
        }
        let encryption = certificates == nil ? "" : "ssl = on\nssl_min_protocol_version = TLSv1.2\n"
        try Disk.write(configuration + encryption, to: dataFolder + "/postgresql.conf", owner: user)
    }

    /// Makes the services' roles and databases on the running server.
    func prepareRoles(administratorPassword: String, passwords: [String: String]) async throws {
        try await administer(password: administratorPassword)
            .runOrThrow(input: Self.roles(passwords), within: .seconds(60))
    }

    /// Whether the server takes connections.
    func health() async -> Health {
        guard let output = try? await isReady.run(within: .seconds(5)) else {
            return .unhealthy("pg_isready does not answer")
        }
        return output.succeeded ? .healthy : .unhealthy("takes no connections yet")
    }
}

extension BrokerNode {
    /// Writes the node's files; its data stay.
    ///
    /// - Parameter certificates: copied for the node, which then listens for TLS too.
    func prepare(users: BrokerUsers, cookie: String, certificates: Certificates?) throws {
        let base = folder.broker
        try Disk.write(
            configuration(isEncrypted: certificates != nil), to: base + "/rabbitmq.conf",
            owner: user)
        try Disk.write(users.definitions, to: definitions, owner: user)
        if let certificates {
            try Disk.copy(certificates.authority, to: authority, owner: user)
            try Disk.copy(certificates.certificate, to: certificate, owner: user)
            try Disk.copy(certificates.key, to: key, owner: user)
        }
        try Disk.write("[].\n", to: base + "/enabled_plugins", owner: user)
        // Present, so that Debian's /etc/rabbitmq/rabbitmq-env.conf is not read.
        try Disk.write("", to: base + "/rabbitmq-env.conf", owner: user)
        try Disk.write(cookie, to: base + "/.erlang.cookie", mode: 0o400, owner: user)
        for name in ["mnesia", "log"] {
            try Disk.makeFolder("\(base)/\(name)", mode: 0o700, owner: user)
        }
    }
}
