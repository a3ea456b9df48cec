package import SharedKernel

/// A message that was committed together with the fact it tells, and waits to be published.
package struct OutboxMessage: Sendable, Equatable {
    /// The row's id, and the message's: the same however often it is published.
    package let id: MessageID
    /// The event's name, such as `order_created`; it decides the queue.
    package let type: String
    /// The body, JSON.
    package let payload: [UInt8]
    /// Trace headers, to ride along.
    package let headers: [String: String]
    /// When the fact was committed.
    package let createdAt: Timestamp
    /// How often the broker has turned this message down.
    package let attempts: Int

    /// - Parameters: as the properties.
    package init(
        id: MessageID, type: String, payload: [UInt8], headers: [String: String],
        createdAt: Timestamp, attempts: Int
    ) {
        self.id = id
        self.type = type
        self.payload = payload
        self.headers = headers
        self.createdAt = createdAt
        self.attempts = attempts
    }
}

/// What becomes of an outbox row after an attempt to publish it.
package enum OutboxDisposition: Sendable, Equatable {
    /// The broker has taken responsibility: the row may go.
    case delete
    /// The broker turned it down: the row stays, and is due again after the delay.
    case postpone(Duration)
}

/// How much waits to be published.
package struct OutboxBacklog: Sendable, Equatable {
    /// Rows that wait.
    package let count: Int
    /// How long the oldest has waited; zero where none waits.
    package let oldestAge: Duration

    /// - Parameters: as the properties.
    package init(count: Int, oldestAge: Duration) {
        self.count = count
        self.oldestAge = oldestAge
    }
}

/// Where the messages of committed facts wait until the broker has them: at-least-once, duplicates
/// possible.
package protocol Outbox: Sendable {
    /// Claims the oldest rows that are due and that nobody else has claimed, and holds them while
    /// `publish` runs.
    ///
    /// Rows are claimed by their state, never by a cursor: a row that commits late is not passed
    /// over. When `publish` throws or the process dies, every claimed row is free again.
    ///
    /// - Parameters:
    ///   - limit: how many rows at most.
    ///   - publish: gives a disposition for each message, in order; called only when there is a
    ///     message.
    /// - Returns: how many rows were claimed.
    func relay(
        upTo limit: Int, _ publish: ([OutboxMessage]) async throws -> [OutboxDisposition]
    ) async throws -> Int

    /// Counts what waits, for metrics.
    func backlog() async throws -> OutboxBacklog
}
