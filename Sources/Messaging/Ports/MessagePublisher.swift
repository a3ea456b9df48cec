/// What the broker said of one published message.
package enum PublishOutcome: Sendable, Equatable {
    /// It is on disk, or with a consumer: the broker is responsible for it.
    case confirmed
    /// There was no queue for it; the broker confirms such a message all the same, which is no
    /// success.
    case returned(reason: String)
    /// The broker could not take it.
    case refused
}

/// The way to the broker.
package protocol MessagePublisher: Sendable {
    /// Publishes persistently and waits for the broker's word on each message.
    ///
    /// - Returns: an outcome for each message, in order.
    /// - Throws: when the broker's word did not come: each message may or may not have arrived.
    func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome]
}
