package import AMQP
package import Logging
package import Messaging
package import SharedKernel

/// The broker as the outbox relay sees it: a message is sent when the broker has confirmed it.
///
/// It connects by itself and again after a loss, and declares no queue: each service declares what
/// it consumes, and a message whose queue is missing comes back as returned.
package struct RabbitPublisher: MessagePublisher {
    /// Bytes of bodies in one confirm window, unless a single message has more: they fit the
    /// socket's buffers.
    private static let windowBytes = 256 * 1_024

    private let routes: [String: String]
    private let appID: String
    private let instance: InstanceName?
    private let link: RabbitLink
    /// The broker's user that it publishes as.
    package let user: String

    /// - Parameters:
    ///   - url: `amqp://user:password@host:port/vhost`.
    ///   - certificateAuthority: who vouches for an amqps broker's certificate: a file in PEM.
    ///   - routes: the queue for each type of message.
    ///   - appID: this program's name, which travels with each message.
    ///   - instance: this process, which each message names together with the moment at which it
    ///     was sent; nil where the messages are to say nothing of that.
    /// - Throws: ``AMQPError`` `.invalidURL`.
    package init(
        url: String, certificateAuthority: String = BrokerURL.commonAuthorities,
        routes: [String: String], appID: String, instance: InstanceName? = nil,
        limits: AMQPLimits = AMQPLimits(), logger: Logger
    ) throws {
        self.routes = routes
        self.appID = appID
        self.instance = instance
        let url = try BrokerURL(url, certificateAuthority: certificateAuthority)
        user = url.user
        link = RabbitLink(
            url: url, name: "\(appID) publisher", limits: limits, logger: logger
        ) { connection in
            try await connection.enableConfirms()
        }
    }

    /// As last known, for readiness; asks nobody.
    package var state: RabbitState { link.state }

    /// Returns once the connection's thread has taken a turn; waits for ever where it hangs.
    package func turn() async { await link.turn() }

    /// Connects and stays connected until the calling task is cancelled, then closes. Without it
    /// the first publish begins to connect.
    package func run() async { await link.run() }

    /// Ends the connection for good. Takes a second at most.
    package func close() async { await link.close() }

    /// Publishes in windows of at most 256 messages.
    ///
    /// - Throws: ``AMQPError``, transient: at once while there is no connection or the broker has
    ///   an alarm, or after the confirm deadline. What was sent may have arrived all the same.
    package func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome] {
        var outcomes: [PublishOutcome] = []
        outcomes.reserveCapacity(messages.count)
        var rest = messages[...]
        while !rest.isEmpty {
            let window = Self.window(of: rest)
            rest = rest.dropFirst(window.count)
            outcomes += try await publishWindow(window)
        }
        return outcomes
    }

    private func publishWindow(
        _ window: ArraySlice<OutboxMessage>
    ) async throws -> [PublishOutcome] {
        let planned = window.map(plan)
        let sendable = planned.compactMap { try? $0.get() }
        guard !sendable.isEmpty else { return planned.compactMap(\.failure?.outcome) }
        let connection = try await link.sessionNow().connection
        var results = try await connection.publish(sendable, stamp: stamp)[...]
        return planned.compactMap { plan in
            switch plan {
            case .failure(let unsendable): unsendable.outcome
            case .success: results.popFirst().map(PublishOutcome.init)
            }
        }
    }

    /// One for a whole window, made at the last moment: a message that is sent again tells of its
    /// latest publication.
    private var stamp: [String: String] {
        guard let instance else { return [:] }
        return Publication(instance: instance, moment: .now).headers
    }

    /// A message that AMQP cannot carry must not hold up those beside it.
    private func plan(_ message: OutboxMessage) -> Result<AMQPMessage, Unsendable> {
        guard let queue = routes[message.type] else {
            return .failure(
                Unsendable(outcome: .returned(reason: "no route for type '\(message.type)'")))
        }
        let planned = AMQPMessage(
            queue: queue, body: message.payload, messageID: message.id.description,
            type: message.type, appID: appID,
            timestamp: UInt64(max(0, message.createdAt.microseconds / 1_000_000)),
            headers: message.headers)
        do throws(AMQPError) {
            try planned.validate()
            return .success(planned)
        } catch {
            return .failure(Unsendable(outcome: .returned(reason: error.message)))
        }
    }

    private static func window(of messages: ArraySlice<OutboxMessage>) -> ArraySlice<OutboxMessage>
    {
        var bytes = 0
        let fitting = messages.prefix(AMQPLimits.window).prefix { message in
            bytes += message.payload.count
            return bytes <= windowBytes
        }
        return fitting.isEmpty ? messages.prefix(1) : fitting
    }
}

/// Why a message was not even tried.
private struct Unsendable: Error {
    let outcome: PublishOutcome
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}

extension PublishOutcome {
    init(_ result: PublishResult) {
        self =
            switch result {
            case .confirmed: .confirmed
            case .returned(let code, let text): .returned(reason: "\(code) \(text)")
            case .refused: .refused
            }
    }
}
