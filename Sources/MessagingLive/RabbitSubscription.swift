package import AMQP
import Failpoint
package import Logging
package import Messaging
import SharedKernel

/// One queue of the broker as a consumer sees it: it outlives every connection.
///
/// The queue is declared, durable and without arguments, whenever a connection opens. Between two
/// calls at most `prefetch` deliveries wait in memory; what was not acknowledged when a connection
/// ends comes again.
package struct RabbitSubscription: MessageSource {
    /// How the messages of a queue come.
    package enum Form: Sendable {
        /// Each alone, as the contract has it.
        case single
        /// Several as one, from the queue for bundles beside it.
        case bundled
    }

    /// Bundles that the broker may send ahead: a megabyte at most.
    private static let bundlePrefetch: UInt16 = 16

    /// How the messages come.
    package let form: Form
    /// What the broker calls the queue that is consumed.
    package let source: String
    private let queue: String
    private let logger: Logger
    private let link: RabbitLink

    /// - Parameters:
    ///   - url: `amqp://user:password@host:port/vhost`.
    ///   - certificateAuthority: who vouches for an amqps broker's certificate: a file in PEM.
    ///   - queue: whose messages it takes.
    ///   - form: how it takes them.
    ///   - appID: this program's name, which the broker's list of connections shows.
    ///   - prefetch: unacknowledged messages the broker may send where they come alone; 1 or more.
    /// - Throws: ``AMQPError`` `.invalidURL`.
    package init(
        url: String, certificateAuthority: String = BrokerURL.commonAuthorities, queue: String,
        form: Form = .single, appID: String, prefetch: UInt16 = 256,
        limits: AMQPLimits = AMQPLimits(), logger: Logger
    ) throws {
        self.queue = queue
        self.form = form
        self.logger = logger
        let source = form == .single ? queue : MessageBundle.queue(of: queue)
        self.source = source
        let prefetch = form == .single ? prefetch : Self.bundlePrefetch
        link = RabbitLink(
            url: try BrokerURL(url, certificateAuthority: certificateAuthority),
            name: "\(appID) \(source)", limits: limits, logger: logger
        ) { connection in
            try await connection.declareQueue(source)
            try await connection.consume(source, prefetch: prefetch)
        }
    }

    /// As last known, for readiness; asks nobody.
    package var state: RabbitState { link.state }

    /// Returns once the connection's thread has taken a turn; waits for ever where it hangs.
    package func turn() async { await link.turn() }

    /// Connects and stays connected until the calling task is cancelled, then closes. Without it
    /// the first ``nextBatch(upTo:)`` begins to connect.
    package func run() async { await link.run() }

    /// Stops consuming for good: the broker has everything back that was not acknowledged, and
    /// hands it to others.
    package func close() async { await link.close() }

    package func nextBatch(upTo limit: Int) async throws -> DeliveryBatch {
        while true {
            try Task.checkCancellation()
            let session = try await link.session()
            do {
                let arrived =
                    switch form {
                    case .single: try await session.connection.nextDeliveries(upTo: limit)
                    case .bundled:
                        try await session.connection.nextDeliveries(upTo: limit) {
                            MessageBundle.count(in: $0.body)
                        }
                    }
                guard let last = arrived.last else { continue }
                failpoint("consumer.before-work")
                let deliveries = arrived.map { Delivery($0, from: queue) }
                return DeliveryBatch(
                    deliveries: form == .single
                        ? deliveries
                        : deliveries.flatMap { MessageBundle.opened($0, from: queue) },
                    session: session.id, lastTag: last.tag)
            } catch is AMQPError {
                // The link says why, once, and opens another connection.
                continue
            }
        }
    }

    package func acknowledge(_ batch: DeliveryBatch) async throws {
        failpoint("consumer.before-ack")
        await settle(batch) { try await $0.acknowledge(through: batch.lastTag) }
        failpoint("consumer.after-ack")
    }

    package func giveBack(_ batch: DeliveryBatch) async throws {
        await settle(batch) { try await $0.giveBack(through: batch.lastTag) }
    }

    /// A batch whose connection is gone, now or while we answer, has gone back to the broker
    /// already.
    private func settle(
        _ batch: DeliveryBatch, _ answer: (AMQPConnection) async throws -> Void
    ) async {
        do {
            guard let session = link.session(batch.session) else { return }
            try await answer(session.connection)
        } catch {
            logger.debug("Batch not answered, it comes again", metadata: ["reason": "\(error)"])
        }
    }
}

extension AMQPError: TransientFault {}

extension Delivery {
    init(_ delivery: AMQPDelivery, from queue: String) {
        self.init(
            messageID: delivery.properties.messageID.flatMap { MessageID($0) },
            type: delivery.properties.type, body: delivery.body,
            excess: delivery.excess.map {
                Excess(length: Int(clamping: $0.length), sha256: $0.sha256)
            },
            headers: delivery.properties.headers, isRedelivered: delivery.isRedelivered,
            sender: delivery.properties.userID, queue: queue)
    }
}
