import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1
import NIOSSL

/// The typed client of the gateway. Failures are values: nothing that a server does makes a call
/// trap, hang beyond its deadline, or take unbounded memory.
package struct GatewayClient: Sendable {
    /// Where the gateway is and how to talk to it.
    package struct Configuration: Sendable {
        /// `http://host:port`, without a path's end slash.
        package var url: String
        /// Sent as a bearer token; nil sends none.
        package var token: String?
        /// Who vouches for an https gateway: a file in PEM; nil for those whom the system trusts.
        package var certificateAuthority: String?
        /// From a call to the end of its answer.
        package var deadline: Duration
        /// To a connection, within the deadline.
        package var connectDeadline: Duration

        /// - Parameters: as the properties.
        package init(
            url: String, token: String? = nil, certificateAuthority: String? = nil,
            deadline: Duration = .seconds(5),
            connectDeadline: Duration = .seconds(2)
        ) {
            self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
            self.token = token
            self.certificateAuthority = certificateAuthority
            self.deadline = deadline
            self.connectDeadline = connectDeadline
        }
    }

    /// More than the contract's largest answer: 1,000 orders with the longest descriptions.
    private static let bodyLimit = 8 * 1_048_576
    package let configuration: Configuration
    private let client: HTTPClient

    /// - Parameter configuration: used for every call.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.httpVersion = .http1Only
        settings.timeout.connect = .nanoseconds(configuration.connectDeadline.nanoseconds)
        settings.connectionPool.retryConnectionEstablishment = false
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 8
        // Below the gateway's own 60 s: a connection is hardly ever closed under a request.
        settings.connectionPool.idleTimeout = .seconds(20)
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        if let authority = configuration.certificateAuthority {
            security.trustRoots = .file(authority)
        }
        settings.tlsConfiguration = security
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// Closes the connections; the client is of no use afterwards.
    package func shutdown() async { try? await client.shutdown() }

    /// Makes one call and never a second.
    ///
    /// - Parameters:
    ///   - target: path and query, encoded.
    ///   - key: the `Idempotency-Key`, for a POST.
    /// - Returns: an answer of 200 to 299, or of a status in `accepting`.
    func call(
        _ method: HTTPMethod = .GET, _ target: String, body: JSONValue? = nil, key: String? = nil,
        accepting: Set<Int> = []
    ) async throws(CallFailure) -> Answer {
        var request = HTTPClientRequest(url: configuration.url + target)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "kassa")
        if let token = configuration.token {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.encoded))
        }
        let changesSomething = method == .POST
        let answer: Answer
        do {
            answer = try await exchange(request)
        } catch {
            throw CallFailure(
                error, gateway: configuration.url, changesSomething: changesSomething)
        }
        guard (200..<300).contains(answer.status) || accepting.contains(answer.status) else {
            throw CallFailure(answer)
        }
        return answer
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> Answer {
        let limit = TimeAmount.nanoseconds(configuration.deadline.nanoseconds)
        // The timeout of execute ends with the head; the race bounds the body too.
        return try await withThrowingTaskGroup(of: Answer.self) { [client] group in
            group.addTask {
                let response = try await client.execute(request, timeout: limit)
                let body = try await response.body.collect(upTo: Self.bodyLimit)
                return Answer(
                    changesSomething: request.method == .POST,
                    status: Int(response.status.code), headers: response.headers,
                    body: Array(body.readableBytesView))
            }
            group.addTask { [configuration] in
                try await Task.sleep(for: configuration.deadline)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
