import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOSSL
import ServiceLifecycle

/// Calls the services over kept-alive connections from one bounded pool.
///
/// A request that may change something goes out at most once, unless it has an `Idempotency-Key`:
/// async-http-client does not send again by itself, its one retry (of connecting) is switched off,
/// and redirects are not followed. A GET whose connection broke before an answer is sent once more.
package struct UpstreamClient: Service {
    /// How long calls may take.
    package struct Deadlines: Sendable {
        /// To a connection.
        package var connect: Duration
        /// From the request to the end of the answer.
        package var total: Duration

        /// - Parameters: as the properties.
        package init(connect: Duration = .seconds(2), total: Duration = .seconds(10)) {
            self.connect = connect
            self.total = total
        }
    }

    /// Answers up to this many bytes are taken whole, so that one that breaks off still becomes a
    /// 502; longer ones stream.
    private static let wholeBodyLimit = 262_144
    /// The most to each service unless told otherwise.
    package static let connections = 128
    private let client: HTTPClient
    private let deadlines: Deadlines
    let credential: ServiceCredential?

    /// - Parameters:
    ///   - connections: the most to each service; further requests wait for one, within their
    ///     deadline.
    ///   - credential: shown at the services' doors.
    ///   - certificateAuthority: who vouches for the certificates of services behind https: a file
    ///     in PEM; nil for those whom the system trusts.
    package init(
        deadlines: Deadlines = Deadlines(), connections: Int = Self.connections,
        credential: ServiceCredential? = nil, certificateAuthority: String? = nil
    ) {
        self.deadlines = deadlines
        self.credential = credential
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = TimeAmount(deadlines.connect)
        configuration.timeout.read = TimeAmount(deadlines.total)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Well below the services' own 60 s: a connection is hardly ever closed under a request.
        configuration.connectionPool.idleTimeout = .seconds(20)
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        if let certificateAuthority { security.trustRoots = .file(certificateAuthority) }
        configuration.tlsConfiguration = security
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Keeps the pool until the shutdown has closed the doors that use it.
    package func run() async throws {
        try? await gracefulShutdown()
        try await shutdown()
    }

    /// Closes every connection.
    package func shutdown() async throws { try await client.shutdown() }

    /// Sends a request and waits for the answer's head, and for the body unless it is long.
    ///
    /// - Parameters:
    ///   - limit: for the whole exchange, where it is shorter than the client's own.
    ///   - gathering: by which requests to that service travel together; nil sends it alone.
    /// - Throws: ``UpstreamFault``.
    package func send(
        _ request: UpstreamRequest, to upstream: Upstream, within limit: Duration? = nil,
        through gathering: RequestGathering? = nil
    ) async throws -> UpstreamResponse {
        let deadline = ContinuousClock.now + self.limit(limit)
        var tries = 0
        while true {
            do {
                guard let gathering, gathering.takes(request) else {
                    return try await exchange(request, with: upstream, deadline)
                }
                return try await gathering.exchange(request, deadline)
            } catch let fault as UpstreamFault {
                tries += 1
                guard let pause = KeyedRetries.pause(after: fault, request, tries: tries),
                    .now + pause < deadline
                else { throw fault }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// How long an exchange may take that its caller gives so much time.
    func limit(_ wanted: Duration?) -> Duration {
        min(wanted ?? deadlines.total, deadlines.total)
    }

    /// Sends a request once.
    ///
    /// - Throws: ``UpstreamFault``.
    func exchange(
        _ request: UpstreamRequest, with upstream: Upstream, _ deadline: ContinuousClock.Instant
    ) async throws -> UpstreamResponse {
        var message = HTTPClientRequest(url: upstream.url + request.target)
        message.method = NIOHTTP1.HTTPMethod(rawValue: request.method.rawValue)
        for field in HopByHop.removed(from: request.headers) {
            message.headers.add(name: field.name.rawName, value: field.value)
        }
        for field in credential?.fields(speakingFor: request.caller) ?? [] {
            message.headers.add(name: field.name, value: field.value)
        }
        if request.body.readableBytes > 0 || request.method == .post {
            message.body = .bytes(request.body)
        }
        do {
            let rest = max(deadline - .now, .zero)
            let response = try await client.execute(message, timeout: TimeAmount(rest))
            return try await answer(response, from: upstream, deadline)
        } catch {
            throw UpstreamFault(error, from: upstream)
        }
    }

    private func answer(
        _ response: HTTPClientResponse, from upstream: Upstream,
        _ deadline: ContinuousClock.Instant
    ) async throws -> UpstreamResponse {
        var fields = HTTPFields()
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        let length = fields[.contentLength].flatMap { Int($0) }
        let headers = HopByHop.removed(from: fields)
        let parts = StreamedBody(body: response.body, upstream: upstream, deadline: deadline)
        let body: UpstreamResponse.Body
        if let length, length <= Self.wholeBodyLimit {
            body = .whole(try await gather(parts))
        } else {
            body = .streamed(length: length, parts)
        }
        return UpstreamResponse(
            status: HTTPResponse.Status(
                code: Int(response.status.code), reasonPhrase: response.status.reasonPhrase),
            headers: headers, body: body)
    }

    /// A body comes with its head most of the time, as one part, which is handed on as it is.
    private func gather(_ parts: StreamedBody) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await var part in parts {
            if whole.readableBytes == 0 {
                whole = part
            } else {
                whole.writeBuffer(&part)
            }
        }
        return whole
    }
}
