/// How the books stand, as the gateway told last, and the messages that wait for a decision.
package struct Books: Hashable, Sendable {
    /// What the last audit found.
    package enum Standing: String, Hashable, Sendable {
        case balanced, wrong
        /// No audit has ended yet, or the last one could not be made.
        case unknown
    }

    package let standing: Standing
    /// How many things are wrong.
    package let wrong: Int
    /// Newest first, of each service the first hundred.
    package let parked: [ParkedRow]

    /// - Parameters: as the properties.
    package init(standing: Standing, wrong: Int, parked: [ParkedRow]) {
        self.standing = standing
        self.wrong = wrong
        self.parked = parked
    }
}

/// A message that could not be handled.
package struct ParkedRow: Hashable, Sendable {
    /// The service and its number there, such as `payments/7`.
    package let id: String
    package let queue: String
    package let reason: String
    /// Server time, microseconds since 1970.
    package let parkedAt: Int64

    /// - Parameters: as the properties.
    package init(id: String, queue: String, reason: String, parkedAt: Int64) {
        self.id = id
        self.queue = queue
        self.reason = reason
        self.parkedAt = parkedAt
    }
}
