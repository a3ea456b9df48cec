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
            Serve on an address that others can reach. There is neither TLS nor authentication \
            yet: only behind something that has both.
            """)
    private var insecurePublic = false

    private static let httpHostSetting = Setting<String>.text(
        "HTTP_HOST", "Address of the HTTP door", default: "127.0.0.1")
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
        /// Least level that is logged.
        package let logLevel: Logger.Level
        /// Whether doors may be open to others; other doors of the daemon ask
        /// ``requireSafe(host:setting:)`` too.
        package let isInsecurePublic: Bool

        /// Refuses an address that others can reach, unless the operator insists.
        ///
        /// - Throws: `ValidationError` that says what to do.
        package func requireSafe(host: String, setting: String) throws {
            guard !isInsecurePublic, !HostOptions.isLoopback(host) else { return }
            throw ValidationError(
                """
                \(setting): '\(host)' can be reached by others, and there is neither TLS nor \
                authentication yet; use 127.0.0.1, or --insecure-public behind something that \
                has both
                """)
        }
    }

    /// Finds the values.
    ///
    /// - Parameter defaultPort: the daemon's own.
    /// - Throws: `ValidationError` (exit code 64).
    package func resolve(
        defaultPort: Int, from sources: SettingSources = .process
    ) throws -> Resolved {
        let resolved = Resolved(
            httpHost: try Self.httpHostSetting.resolve(flag: httpHost, from: sources),
            httpPort: try Setting.port("HTTP_PORT", "", default: defaultPort)
                .resolve(flag: httpPort, from: sources),
            logLevel: try Self.logLevelSetting.resolve(flag: logLevel, from: sources),
            isInsecurePublic: insecurePublic)
        try resolved.requireSafe(host: resolved.httpHost, setting: "HTTP_HOST")
        return resolved
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
