import Access

/// What a stack needs that speaks TLS and asks everybody who they are: certificates, and a token
/// for each role.
package struct StackSecurity: Sendable {
    /// For the daemons, PostgreSQL and RabbitMQ.
    package let certificates: Certificates
    private let folder: StackFolder
    /// A token for each role, under the name of those who use it.
    private static let holders = [
        ("viewer", Role.viewer), ("operator", Role.operator), ("gateway", Role.service),
    ]

    /// - Parameter folder: the stack's.
    package init(_ folder: StackFolder) {
        self.folder = folder
        certificates = folder.certificates
    }

    /// A file that holds a token: `viewer`, `operator` or `gateway`.
    package func tokenFile(_ name: String) -> String { "\(folder.secrets)/\(name).token" }

    /// The token itself.
    ///
    /// - Throws: ``StackError`` where it was never made.
    package func token(_ name: String) throws -> String {
        guard let token = Disk.read(tokenFile(name)) else { throw StackError("no token \(name)") }
        return token
    }

    /// Makes what is missing.
    ///
    /// - Throws: ``StackError``.
    package func prepare() async throws {
        try await certificates.prepare()
        var lines: [String] = []
        for (name, role) in Self.holders {
            let file = tokenFile(name)
            let token = Disk.read(file) ?? Token().text
            try Disk.write(token, to: file)
            lines.append(
                TokenSet.Entry(
                    caller: Caller(name: name, role: role), digest: TokenDigest(of: token)
                ).line + "\n")
        }
        try Disk.write(lines.joined(), to: folder.tokens)
    }

    /// What a daemon of the stack needs of it.
    package func environment(of daemon: Daemon) -> [String: String] {
        var environment = [
            "TOKENS_FILE": folder.tokens, "TLS_CERTIFICATE": certificates.certificate,
            "TLS_KEY": certificates.key,
        ]
        if daemon == .gateway {
            environment["SERVICE_TOKEN_FILE"] = tokenFile("gateway")
            environment["UPSTREAM_CA_FILE"] = certificates.authority
        } else {
            environment["BROKER_CA_FILE"] = certificates.authority
        }
        return environment
    }
}
