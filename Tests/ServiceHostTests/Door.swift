import Access
import Glibc
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceHost
import ServiceLifecycle

/// A server of our own on a free loopback port, and raw requests to it.
struct Door {
    let port: Int
    let group: ServiceGroup

    private static var silent: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    /// Opens a door, runs the body and shuts down gracefully.
    static func open<Result: Sendable>(
        limits: HTTPServer.Limits = .init(), requests: RequestLimits = .init(),
        readiness: Readiness = Readiness(), access: AccessGuard = AccessGuard(tokens: nil),
        certificates: ServerCertificates? = nil, logger: Logger = Self.silent,
        inherited: InheritedSocket? = nil, gate: StartGate? = nil,
        _ addRoutes: (ServiceRouter) -> Void = { _ in },
        _ body: @escaping @Sendable (Door) async throws -> Result
    ) async throws -> Result {
        let router = ServiceRouter(
            readiness: readiness, metrics: MetricsRegistry(), access: access, limits: requests)
        addRoutes(router)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(
            router: router, host: "127.0.0.1", port: 0, inherited: inherited, gate: gate,
            limits: limits, certificates: certificates, logger: logger
        ) { port in
            listening.yield(port)
        }
        var configuration = ServiceGroupConfiguration(services: [server], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        let group = ServiceGroup(configuration: configuration)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            guard let port = await ports.first(where: { _ in true }) else {
                throw CancellationError()
            }
            let result = try await body(Door(port: port, group: group))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    /// A request on a connection of its own, and all that comes back until the server closes it.
    func get(_ target: String, _ method: String = "GET", _ fields: String...) async throws -> Answer
    {
        try await send("\(method) \(target) HTTP/1.1", fields, body: "")
    }

    /// A POST with a body.
    func post(_ target: String, _ body: String, _ fields: String...) async throws -> Answer {
        try await send(
            "POST \(target) HTTP/1.1", fields + ["Content-Length: \(body.utf8.count)"], body: body)
    }

    private func send(_ line: String, _ fields: [String], body: String) async throws -> Answer {
        let head = ([line, "Host: x", "Connection: close"] + fields).joined(separator: "\r\n")
        return Answer(try await exchange("\(head)\r\n\r\n\(body)"))
    }

    /// Sends bytes as they are and reads until the server closes, or until `isEnough`.
    func exchange(
        _ text: String, until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> String {
        try await connect { inbound, outbound in
            do {
                try await outbound.write(ByteBuffer(string: text))
            } catch ChannelError.ioOnClosedChannel {
                // The server closed before we spoke: what it said, if anything, is still to be
                // read.
            }
            var received = ""
            do {
                for try await part in inbound {
                    received += String(buffer: part)
                    if isEnough(received) { break }
                }
            } catch let error as IOError where error.errnoCode == ECONNRESET {
                // It closed with our words unread, which the kernel tells in this way.
            }
            return received
        }
    }

    /// A raw connection.
    ///
    /// - Parameter halfCloses: whether its end of sending is told, so that it can still receive.
    func connect<Result: Sendable>(
        halfCloses: Bool = false,
        _ body:
            @escaping @Sendable (
                NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
            ) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: halfCloses)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: halfCloses))
                }
            }
        return try await channel.executeThenClose(body)
    }
}

/// An HTTP response taken apart.
struct Answer {
    let status: Int
    let fields: [String: String]
    let body: String

    init(_ text: String) {
        let halves = text.split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = halves[0].split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts.count == 2 ? String(parts[1].dropFirst()) : ""
        }
        self.fields = fields
        body = halves.count == 2 ? String(halves[1]) : ""
    }
}
