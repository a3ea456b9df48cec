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
    private let bundling: Bundling?
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
    ///   - bundles: whether messages that wait together go as one, where a consumer takes them so.
    /// - Throws: ``AMQPError`` `.invalidURL`.
    package init(
        url: String, certificateAuthority: String = BrokerURL.commonAuthorities,
        routes: [String: String], appID: String, instance: InstanceName? = nil,
        bundles: Bool = true, limits: AMQPLimits = AMQPLimits(), logger: Logger
    ) throws {
        self.routes = routes
        self.appID = appID
        self.instance = instance
        bundling = bundles ? Bundling() : nil
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
        var outcomes = window.map { refusal(of: $0) }
        let sendable = zip(window.indices, outcomes).filter { $0.1 == nil }.map(\.0)
        guard !sendable.isEmpty else { return outcomes.compactMap(\.self) }
        let connection = try await link.sessionNow().connection
        func send(_ parcels: [Parcel]) async throws -> [Parcel] {
            let results = try await connection.publish(parcels.map(\.message), stamp: stamp)
            var astray: [Parcel] = []
            for (parcel, result) in zip(parcels, results) {
                if parcel.isBundle, case .returned = result {
                    astray.append(parcel)
                } else {
                    if parcel.isBundle { bundling?.isThere(parcel.queue) }
                    for position in parcel.positions {
                        outcomes[position - window.startIndex] = PublishOutcome(result)
                    }
                }
            }
            return astray
        }
        let astray = try await send(
            try await parcels(of: window, sendable, over: connection))
        if !astray.isEmpty {
            // Nobody has declared a queue for bundles: an older consumer, or none yet.
            for parcel in astray { bundling?.isMissing(parcel.queue) }
            let rest = astray.flatMap(\.positions).sorted()
            _ = try await send(rest.map { single(window[$0], at: $0) })
        }
        return outcomes.compactMap(\.self)
    }

    /// Messages of one queue go in bundles where there are several and somebody opens them.
    private func parcels(
        of window: ArraySlice<OutboxMessage>, _ positions: [Int],
        over connection: AMQPConnection
    ) async throws -> [Parcel] {
        guard let bundling else { return positions.map { single(window[$0], at: $0) } }
        var parcels: [Parcel] = []
        for (queue, positions) in Dictionary(grouping: positions, by: { routes[window[$0].type] }) {
            guard let queue, positions.count > 1,
                try await bundling.mayBundle(queue, over: connection)
            else {
                parcels += positions.map { single(window[$0], at: $0) }
                continue
            }
            var bundle = Parcel.Bundle()
            for position in positions {
                guard let lines = MessageBundle.lines(of: window[position]) else {
                    parcels.append(single(window[position], at: position))
                    continue
                }
                if !bundle.takes(lines) { parcels += close(&bundle, of: window, for: queue) }
                bundle.add(lines, at: position)
            }
            parcels += close(&bundle, of: window, for: queue)
        }
        return parcels
    }

    private func close(
        _ bundle: inout Parcel.Bundle, of window: ArraySlice<OutboxMessage>, for queue: String
    ) -> [Parcel] {
        defer { bundle = Parcel.Bundle() }
        guard let first = bundle.positions.first else { return [] }
        guard bundle.positions.count > 1 else { return [single(window[first], at: first)] }
        let message = AMQPMessage(
            queue: MessageBundle.queue(of: queue), body: bundle.bytes,
            contentType: MessageBundle.contentType,
            messageID: window[first].id.description, type: MessageBundle.type, appID: appID,
            timestamp: Self.seconds(window[first].createdAt))
        return [Parcel(message: message, positions: bundle.positions, queue: queue, isBundle: true)]
    }

    private func single(_ message: OutboxMessage, at position: Int) -> Parcel {
        let queue = routes[message.type] ?? ""
        return Parcel(
            message: planned(message, for: queue), positions: [position], queue: queue,
            isBundle: false)
    }

    /// One for a whole window, made at the last moment: a message that is sent again tells of its
    /// latest publication.
    private var stamp: [String: String] {
        guard let instance else { return [:] }
        return Publication(instance: instance, moment: .now).headers
    }

    /// Why a message is not even tried: one that AMQP cannot carry must not hold up those beside
    /// it.
    private func refusal(of message: OutboxMessage) -> PublishOutcome? {
        guard let queue = routes[message.type] else {
            return .returned(reason: "no route for type '\(message.type)'")
        }
        do throws(AMQPError) {
            try planned(message, for: queue).validate()
            return nil
        } catch {
            return .returned(reason: error.message)
        }
    }

    private func planned(_ message: OutboxMessage, for queue: String) -> AMQPMessage {
        AMQPMessage(
            queue: queue, body: message.payload, messageID: message.id.description,
            type: message.type, appID: appID, timestamp: Self.seconds(message.createdAt),
            headers: message.headers)
    }

    private static func seconds(_ moment: Timestamp) -> UInt64 {
        UInt64(max(0, moment.microseconds / 1_000_000))
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

/// One AMQP message and the outbox's messages that are in it.
private struct Parcel {
    let message: AMQPMessage
    /// In the window.
    let positions: [Int]
    /// Whose messages they are; a bundle goes to another.
    let queue: String
    let isBundle: Bool

    /// A bundle while it is filled.
    struct Bundle {
        private(set) var bytes: [UInt8] = []
        private(set) var positions: [Int] = []

        func takes(_ lines: [UInt8]) -> Bool {
            positions.count < MessageBundle.countLimit
                && bytes.count + lines.count <= MessageBundle.byteLimit
        }

        mutating func add(_ lines: [UInt8], at position: Int) {
            bytes += lines
            positions.append(position)
        }
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
