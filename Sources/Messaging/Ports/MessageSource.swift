package import SharedKernel

/// A message as the broker delivered it. It may be a repeat, and it may be anything: nothing in it
/// is trusted yet.
package struct Delivery: Sendable, Equatable {
    /// The sender's id for it; nil where it gave none, or none that is a UUID.
    package let messageID: MessageID?
    /// The event's name; nil where the sender gave none.
    package let type: String?
    /// The body's bytes; of one that is too long the beginning.
    package let body: [UInt8]
    /// What is known of a body that is not whole; nil for one that is.
    package let excess: Excess?
    /// Headers whose values are text.
    package let headers: [String: String]
    /// Whether the broker has delivered it before.
    package let isRedelivered: Bool
    /// The broker's user who published it, as the broker itself checked; nil where the message does
    /// not say.
    package let sender: String?
    /// The queue it came from.
    package let queue: String

    /// What is kept of a body that is too long, besides its beginning.
    package struct Excess: Sendable, Equatable {
        /// Bytes of the whole body.
        package let length: Int
        /// The whole body's SHA-256, 32 bytes.
        package let sha256: [UInt8]

        /// - Parameters: as the properties.
        package init(length: Int, sha256: [UInt8]) {
            self.length = length
            self.sha256 = sha256
        }
    }

    /// - Parameters: as the properties.
    package init(
        messageID: MessageID?, type: String?, body: [UInt8], excess: Excess? = nil,
        headers: [String: String] = [:],
        isRedelivered: Bool = false, sender: String? = nil, queue: String
    ) {
        self.messageID = messageID
        self.type = type
        self.body = body
        self.excess = excess
        self.headers = headers
        self.isRedelivered = isRedelivered
        self.sender = sender
        self.queue = queue
    }
}

/// Deliveries that arrived together and are settled together.
package struct DeliveryBatch: Sendable {
    /// In the queue's order; never empty.
    package let deliveries: [Delivery]
    /// Which connection they came over: a tag means nothing on another.
    package let session: UInt64
    /// The broker's tag of the last one; acknowledging it acknowledges all.
    package let lastTag: UInt64

    /// - Parameters: as the properties.
    package init(deliveries: [Delivery], session: UInt64, lastTag: UInt64) {
        self.deliveries = deliveries
        self.session = session
        self.lastTag = lastTag
    }
}

/// A queue to consume: at-least-once, duplicates and reordering possible.
package protocol MessageSource: Sendable {
    /// Waits for at least one delivery and takes what else has arrived by then.
    ///
    /// Survives the loss of the broker by itself. One caller at a time; the batch is settled before
    /// the next is asked for.
    ///
    /// - Parameter limit: how many at most.
    /// - Throws: `CancellationError` when the task is cancelled or the source is closed.
    func nextBatch(upTo limit: Int) async throws -> DeliveryBatch

    /// Tells the broker that the batch is done with.
    ///
    /// Where the connection it came over is gone, nothing happens: the broker delivers the batch
    /// again.
    func acknowledge(_ batch: DeliveryBatch) async throws

    /// Gives the batch back, for whoever takes it next.
    func giveBack(_ batch: DeliveryBatch) async throws
}
