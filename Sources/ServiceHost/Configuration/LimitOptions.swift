import ArgumentParser

/// The flags that bound what others can ask of a daemon.
package struct LimitOptions: ParsableArguments {
    @Option(help: Self.connectionsSetting.help) private var httpConnections: String?
    @Option(help: Self.idleSetting.help) private var httpIdleTimeout: String?
    @Option(help: Self.headTimeSetting.help) private var httpHeadTimeout: String?
    @Option(help: Self.bodyTimeSetting.help) private var httpBodyTimeout: String?
    @Option(help: Self.writeSetting.help) private var httpWriteTimeout: String?
    @Option(help: Self.exchangeSetting.help) private var httpExchangeTimeout: String?
    @Option(help: Self.targetSetting.help) private var httpTargetBytes: String?
    @Option(help: Self.headBytesSetting.help) private var httpHeadBytes: String?
    @Option(help: Self.headFieldsSetting.help) private var httpHeadFields: String?
    @Option(help: Self.bodyBytesSetting.help) private var httpBodyBytes: String?
    @Option(help: Self.depthSetting.help) private var jsonDepth: String?
    @Option(help: Self.atOnceSetting.help) private var requestsAtOnce: String?
    @Option(
        help: ArgumentHelp(
            "Requests a second that one client may make, more get 429; 0 for no limit "
                + "(environment: RATE_LIMIT or RATE_LIMIT_FILE; default: gateway 10000, "
                + "services 0: the gateway is their one client)", valueName: "value"))
    private var rateLimit: String?
    @Option(
        help: ArgumentHelp(
            "Requests that a client may make at once after a rest (environment: RATE_BURST or "
                + "RATE_BURST_FILE; default: twice RATE_LIMIT)", valueName: "value"))
    private var rateBurst: String?

    private static let connectionsSetting = Setting<Int>.integer(
        "HTTP_CONNECTIONS",
        "HTTP connections at once; 64 more are let in for /health, /ready and /metrics alone",
        in: 1...1_000_000, default: HTTPServer.Limits.connectionsByCores)
    private static let idleSetting = Setting<Duration>.seconds(
        "HTTP_IDLE_TIMEOUT", "Seconds that an HTTP connection may lie idle", in: 0.05...3_600,
        default: "60")
    private static let headTimeSetting = Setting<Duration>.seconds(
        "HTTP_HEAD_TIMEOUT", "Seconds from a request's first byte to the end of its head",
        in: 0.05...3_600, default: "10")
    private static let bodyTimeSetting = Setting<Duration>.seconds(
        "HTTP_BODY_TIMEOUT", "Seconds from a request's head to the end of its body",
        in: 0.05...3_600, default: "10")
    private static let writeSetting = Setting<Duration>.seconds(
        "HTTP_WRITE_TIMEOUT", "Seconds in which a caller must take something of an answer",
        in: 0.05...3_600, default: "10")
    private static let exchangeSetting = Setting<Duration>.seconds(
        "HTTP_EXCHANGE_TIMEOUT", "Seconds from a request to the end of its answer, all in all",
        in: 0.05...3_600, default: "60")
    private static let targetSetting = Setting<Int>.integer(
        "HTTP_TARGET_BYTES", "Bytes of a request's path and query", in: 64...65_536,
        default: 8_192)
    private static let headBytesSetting = Setting<Int>.integer(
        "HTTP_HEAD_BYTES", "Bytes of a request's header fields", in: 1_024...1_048_576,
        default: 16_384)
    private static let headFieldsSetting = Setting<Int>.integer(
        "HTTP_HEAD_FIELDS", "Header fields of a request", in: 10...1_000, default: 100)
    private static let bodyBytesSetting = Setting<Int>.integer(
        "HTTP_BODY_BYTES", "Bytes of a request's body", in: 1_024...1_048_576,
        default: requestBodyLimit)
    private static let depthSetting = Setting<Int>.integer(
        "JSON_DEPTH", "How deep a body's arrays and objects may nest", in: 1...64, default: 16)
    private static let atOnceSetting = Setting<Int>.integer(
        "REQUESTS_AT_ONCE", "Requests that are worked on at the same time, more get 503",
        in: 1...100_000, default: RequestLimits.atOnceByCores)

    /// Called by ArgumentParser.
    package init() {}

    /// What the flags, files and environment come to.
    package struct Resolved: Sendable {
        /// The bounds of the HTTP door.
        package let server: HTTPServer.Limits
        /// The bounds of one request, on every door.
        package let requests: RequestLimits
    }

    /// Finds the values.
    ///
    /// - Parameters:
    ///   - defaultRate: the daemon's own, requests a second and client.
    ///   - descriptors: what the process may have open.
    ///   - others: connections at the daemon's other doors.
    /// - Throws: `ValidationError` (exit code 64); ``ConfigurationFault`` where there are too few
    ///   descriptors.
    package func resolve(
        defaultRate: Int, descriptors: DescriptorBudget, others: Int = 0,
        from sources: SettingSources = .process
    ) throws -> Resolved {
        var server = try server(sources)
        server.connectionsWanted = server.connections
        server.connections = try descriptors.connections(
            wanted: server.connections, others: others)
        return Resolved(server: server, requests: try requests(defaultRate, sources))
    }

    private func server(_ sources: SettingSources) throws -> HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        limits.connections = try Self.connectionsSetting.resolve(
            flag: httpConnections, from: sources)
        limits.idleTimeout = try Self.idleSetting.resolve(flag: httpIdleTimeout, from: sources)
        limits.headDeadline = try Self.headTimeSetting.resolve(
            flag: httpHeadTimeout, from: sources)
        limits.bodyDeadline = try Self.bodyTimeSetting.resolve(
            flag: httpBodyTimeout, from: sources)
        limits.writeDeadline = try Self.writeSetting.resolve(flag: httpWriteTimeout, from: sources)
        limits.exchangeDeadline = try Self.exchangeSetting.resolve(
            flag: httpExchangeTimeout, from: sources)
        limits.targetBytes = try Self.targetSetting.resolve(flag: httpTargetBytes, from: sources)
        limits.headerBytes = try Self.headBytesSetting.resolve(flag: httpHeadBytes, from: sources)
        limits.headerFields = try Self.headFieldsSetting.resolve(
            flag: httpHeadFields, from: sources)
        return limits
    }

    private func requests(_ defaultRate: Int, _ sources: SettingSources) throws -> RequestLimits {
        var limits = RequestLimits()
        limits.bodyBytes = try Self.bodyBytesSetting.resolve(flag: httpBodyBytes, from: sources)
        limits.jsonDepth = try Self.depthSetting.resolve(flag: jsonDepth, from: sources)
        limits.atOnce = try Self.atOnceSetting.resolve(flag: requestsAtOnce, from: sources)
        let rate = try Setting.integer(
            "RATE_LIMIT", "", in: 0...1_000_000, default: defaultRate
        ).resolve(flag: rateLimit, from: sources)
        limits.rate = Double(rate)
        limits.burst = try Setting.integer(
            "RATE_BURST", "", in: 1...2_000_000, default: max(1, 2 * rate)
        ).resolve(flag: rateBurst, from: sources)
        return limits
    }
}
