/// A message to publish on the default exchange: its routing key is the queue's name.
package struct AMQPMessage: Sendable, Equatable {
    /// The queue's name, at most 255 bytes.
    package var queue: String
    /// The body.
    package var body: [UInt8]
    /// What the body is, at most 255 bytes.
    package var contentType: String
    /// Names the message; the same however often it is sent. At most 255 bytes.
    package var messageID: String
    /// What kind of message it is, at most 255 bytes.
    package var type: String?
    /// The program that made it, at most 255 bytes.
    package var appID: String?
    /// When it was made, in seconds since 1970.
    package var timestamp: UInt64?
    /// Application headers. Keys at most 128 bytes, all together at most 32 KiB.
    package var headers: [String: String]

    /// - Parameters: as the properties.
    package init(
        queue: String, body: [UInt8], contentType: String = "application/json", messageID: String,
        type: String? = nil, appID: String? = nil, timestamp: UInt64? = nil,
        headers: [String: String] = [:]
    ) {
        self.queue = queue
        self.body = body
        self.contentType = contentType
        self.messageID = messageID
        self.type = type
        self.appID = appID
        self.timestamp = timestamp
        self.headers = headers
    }

    /// Throws `.invalidMessage` for what AMQP cannot carry.
    ///
    /// The bounds are checked before the first frame goes out: the library finds an oversized
    /// header only when half of the message is on the wire, and the connection is lost with it.
    package func validate() throws(AMQPError) {
        let shortTexts = [queue, messageID, type ?? "", appID ?? "", contentType]
        guard shortTexts.allSatisfy({ $0.utf8.count <= 255 }) else {
            throw AMQPError(
                .invalidMessage, "A message's queue, id, type or app id exceeds 255 bytes.")
        }
        let sizes = headers.map { (key: $0.key.utf8.count, value: $0.value.utf8.count) }
        let total = sizes.reduce(0) { $0 + $1.key + $1.value + 6 }
        guard sizes.allSatisfy({ $0.key <= 128 }), total <= 32_768 else {
            throw AMQPError(.invalidMessage, "A message's headers exceed 32 KiB.")
        }
    }
}

/// What the broker made of one published message.
package enum PublishResult: Sendable, Equatable {
    /// The broker has taken responsibility: it is in a durable queue and on disk.
    case confirmed
    /// No queue would take it: it is nowhere now, though the broker confirms it afterwards.
    case returned(code: Int, text: String)
    /// The broker could not take it, and says nothing of why.
    case refused
}

/// A message the broker has handed over and now waits to be told about.
package struct AMQPDelivery: Sendable, Equatable {
    /// Names the delivery within its connection; ascends by one.
    package let tag: UInt64
    /// Whether the broker has handed it over before, to whomever.
    package let isRedelivered: Bool
    /// The queue's name where the default exchange was used.
    package let routingKey: String
    /// The body; of one beyond the connection's limit the beginning.
    package let body: [UInt8]
    /// What is known of a body that is not whole; nil for one that is.
    package let excess: Excess?
    /// What travelled beside the body.
    package let properties: Properties

    /// What is kept of a body beyond the limit, besides its beginning.
    package struct Excess: Sendable, Equatable {
        /// Bytes of the whole body.
        package let length: UInt64
        /// The whole body's SHA-256, 32 bytes.
        package let sha256: [UInt8]
    }

    /// The properties a message arrived with; absent ones are nil.
    package struct Properties: Sendable, Equatable {
        package var messageID: String?
        package var type: String?
        package var appID: String?
        /// The publishing user. The broker refuses any but the connection's own.
        package var userID: String?
        package var contentType: String?
        /// Seconds since 1970.
        package var timestamp: UInt64?
        /// 2 for a message that survives the broker's restart.
        package var deliveryMode: UInt8?
        /// Headers that have a text: strings, numbers and booleans. Tables and lists are left out.
        package var headers: [String: String] = [:]

        /// None at all.
        package init() {}
    }
}
