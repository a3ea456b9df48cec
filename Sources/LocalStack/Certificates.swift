/// A certificate for this machine, and an authority of one's own that vouches for it: enough to try
/// TLS out, made by openssl, kept until the folder goes.
///
/// Nobody else trusts the authority: whoever calls is told its file, such as `curl --cacert`.
package struct Certificates: Sendable, Equatable {
    /// Where they lie.
    package let folder: String
    /// The names and addresses that the certificate is for.
    package let names: [String]

    /// - Parameters:
    ///   - folder: made when they are.
    ///   - names: host names and IP addresses; always this machine's own, too.
    package init(folder: String, names: [String] = []) {
        self.folder = folder
        let own = ["localhost", "127.0.0.1", "::1"]
        self.names = own + names.filter { !own.contains($0) }
    }

    /// The authority's certificate, for those who call.
    package var authority: String { folder + "/ca.pem" }
    /// The doors' certificate.
    package var certificate: String { folder + "/server.pem" }
    /// Its key.
    package var key: String { folder + "/server.key" }
    private var authorityKey: String { folder + "/ca.key" }

    /// Makes what is missing: an authority for ten years, a certificate for thirteen months.
    ///
    /// - Parameter isFresh: makes another certificate in any case, by the same authority.
    /// - Throws: ``StackError`` where openssl fails, in its words.
    package func prepare(isFresh: Bool = false) async throws {
        try Disk.makeFolder(folder, mode: 0o711)
        let settings = folder + "/openssl.cnf"
        try Disk.write(configuration, to: settings)
        defer { try? Disk.remove(settings) }
        if !Disk.exists(authority) {
            try await make(
                "Kassa's own authority", authority, authorityKey,
                ["-extensions", "authority", "-days", "3650"])
        }
        if isFresh || !Disk.exists(certificate) {
            try await make(
                "localhost", certificate, key,
                [
                    "-extensions", "server", "-days", "397",
                    "-CA", authority, "-CAkey", authorityKey,
                ])
        }
    }

    /// The key moves into place first: a certificate that is there has its key beside it.
    private func make(
        _ subject: String, _ certificate: String, _ key: String, _ more: [String]
    ) async throws {
        let program = "/usr/bin/openssl"
        guard Disk.exists(program) else {
            throw StackError("\(program) is missing: deploy/prerequisites installs it")
        }
        let arguments =
            [
                "req", "-x509", "-config", folder + "/openssl.cnf", "-subj", "/CN=\(subject)",
                "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-keyout", key + ".new", "-out", certificate + ".new",
            ] + more
        try await Command(program, arguments, environment: ["PATH": "/usr/bin:/bin"])
            .runOrThrow(within: .seconds(60))
        try Disk.rename(key + ".new", key, mode: 0o600)
        try Disk.rename(certificate + ".new", certificate, mode: 0o644)
    }

    /// Everything said here, so that no openssl.cnf of the machine's changes what is made.
    var configuration: String {
        let names = names.map { name in
            // An address may be written in hexadecimal with colons, a name has neither.
            let isAddress = name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
            return "\(isAddress ? "IP" : "DNS"):\(name)"
        }
        return """
            [req]
            distinguished_name = subject
            prompt = no
            [subject]
            [authority]
            basicConstraints = critical, CA:TRUE, pathlen:0
            keyUsage = critical, keyCertSign, cRLSign
            subjectKeyIdentifier = hash
            [server]
            basicConstraints = critical, CA:FALSE
            keyUsage = critical, digitalSignature
            extendedKeyUsage = serverAuth
            subjectAltName = \(names.joined(separator: ", "))
            subjectKeyIdentifier = hash
            authorityKeyIdentifier = keyid

            """
    }
}
