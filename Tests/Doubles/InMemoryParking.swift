package import Messaging
import Synchronization

/// Parked messages in an array.
package final class InMemoryParking: Parking, Sendable {
    private let kept = Mutex<[ParkedMessage]>([])
    /// Calls of ``park(_:)`` that are to fail.
    package let faults = FaultScript()

    /// An empty one.
    package init() {}

    /// What was parked, oldest first.
    package var messages: [ParkedMessage] { kept.withLock { $0 } }

    package func park(_ messages: [ParkedMessage]) async throws {
        try faults.check()
        kept.withLock { kept in
            for message in messages where !Self.has(message.delivery, kept) {
                kept.append(message)
            }
        }
    }

    /// Whether two messages without an id are one.
    private static func isAlike(_ one: Delivery, _ other: Delivery) -> Bool {
        one.headers == other.headers && one.type == other.type && one.sender == other.sender
    }

    private static func has(_ delivery: Delivery, _ kept: [ParkedMessage]) -> Bool {
        kept.contains { parked in
            parked.delivery.queue == delivery.queue
                && parked.delivery.messageID == delivery.messageID
                && parked.delivery.body == delivery.body
                && (delivery.messageID != nil || isAlike(parked.delivery, delivery))
        }
    }
}
