import ArgumentParser
package import Logging

/// The flags that every daemon has.
package struct HostOptions: ParsableArguments {
    @Option(help: Self.httpHostSetting.help) private var httpHost: String?
    @Option(
        help: ArgumentHelp(
            "Port of the HTTP door; 0 takes a free one (environment: HTTP_PORT or HTTP_PORT_FILE; "
                + "default: gateway 8000, orders 8001, payments 8002)", valueName: "value"))
    private var httpPort: String?
    @Option(help: Self.logLevelSetting.help) private var logLevel: String?
    @Flag(
        help: """
            Serve on an address that others can reach without tokens and TLS: only behind \
            something that has both.
            """)
    private var insecurePublic = false
    @Option(help: Self.tokensFileSetting.help) private var tokensFile: String?
    @Option(help: Self.certificateSetting.help) private var tlsCertificate: String?
    @Option(help: Self.keySetting.help) private var tlsKey: String?

    private static let httpHostSetting = Setting<String>.text(
        "HTTP_HOST", "Address of the HTTP door", default: "127.0.0.1")
    private static let tokensFileSetting = FileSetting(
        "TOKENS_FILE", credential: "tokens",
        "Who may come in, one 'name role sha256' a line ('kassa token create' makes one); read "
            + "anew on SIGHUP; without it everybody may")
    private static let certificateSetting = FileSetting(
        "TLS_CERTIFICATE", credential: "tls-certificate",
        "The doors' certificate chain in PEM; read anew on SIGHUP; without it they serve in the "
            + "clear")
    private static let keySetting = FileSetting(
        "TLS_KEY", credential: "tls-key", "The certificate's key in PEM; read anew on SIGHUP")
    private static let logLevelSetting = Setting<Logger.Level>(
        "LOG_LEVEL", "Least level that is logged", default: "info",
        expected: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
    ) { Logger.Level(rawValue: $0.lowercased()) }

    /// Called by ArgumentParser.
    package init() {}

    /// What the flags, files and environment come to.
    package struct Resolved: Sendable {
        /// The address to bind.
        package let httpHost: String
        /// The port to bind; 0 takes a free one.
        package let httpPort: Int
        /// The HTTP door as systemd passed it, instead of that address; nil where it passed none.
        package let inherited: InheritedSocket?
        /// Least level that is logged.
        package let logLevel: Logger.Level
        /// Whether doors may be open to others; other doors of the daemon ask
        /// ``requireSafe(host:setting:)`` too.
        package let isInsecurePublic: Bool
        /// Who may come in, and by what the doors prove themselves.
        package let security: DoorSecurity

        /// Refuses an address that others can reach unless there are tokens and TLS, or the
        /// operator insists.
        ///
        /// - Throws: ``ConfigurationFault`` that says what to do.
        package func requireSafe(host: String, setting: String) throws(ConfigurationFault) {
            guard !isInsecurePublic, !security.isComplete, !HostOptions.isLoopback(host) else {
                return
            }
            throw ConfigurationFault(
                """
                \(setting): '\(host)' can be reached by others, so it takes tokens and TLS: give \
                --tokens-file ('kassa token create' makes one), --tls-certificate and --tls-key; \
                or use 127.0.0.1, or --insecure-public behind something that has both
                """)
        }
    }

    /// Finds the values.
    ///
    /// - Parameters:
    ///   - defaultPort: the daemon's own.
    ///   - inherited: the socket that systemd passed, if it did.
    /// - Throws: `ValidationError` (exit code 64), ``ConfigurationFault`` (78).
    package func resolve(
        defaultPort: Int, from sources: SettingSources = .process,
        inherited: InheritedSocket? = nil
    ) throws -> Resolved {
        let resolved = Resolved(
            httpHost: try Self.httpHostSetting.resolve(flag: httpHost, from: sources),
            httpPort: try Setting.port("HTTP_PORT", "", default: defaultPort)
                .resolve(flag: httpPort, from: sources),
            inherited: inherited,
            logLevel: try Self.logLevelSetting.resolve(flag: logLevel, from: sources),
            isInsecurePublic: insecurePublic,
            security: try DoorSecurity(
                tokensFile: Self.tokensFileSetting.resolve(flag: tokensFile, from: sources),
                certificateFile: Self.certificateSetting
                    .resolve(flag: tlsCertificate, from: sources),
                keyFile: Self.keySetting.resolve(flag: tlsKey, from: sources)))
        if let inherited {
            if let address = inherited.address {
                try resolved.requireSafe(host: address, setting: "the socket that systemd passed")
            }
        } else {
            try resolved.requireSafe(host: resolved.httpHost, setting: "HTTP_HOST")
        }
        return resolved
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
