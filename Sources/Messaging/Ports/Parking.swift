/// A message that cannot be handled, now or ever, and why.
package struct ParkedMessage: Sendable, Equatable {
    /// The message, untouched.
    package let delivery: Delivery
    /// One line for the operator.
    package let reason: String

    /// - Parameters: as the properties.
    package init(delivery: Delivery, reason: String) {
        self.delivery = delivery
        self.reason = reason
    }
}

/// Where poison and contradictory messages are kept with their reason, so that they hold up no
/// others and are not lost.
package protocol Parking: Sendable {
    /// Keeps the messages, in one transaction; only then may they be acknowledged.
    func park(_ messages: [ParkedMessage]) async throws
}
