package import SharedKernel

/// A message that was read into its event.
package struct Received<Event: Sendable>: Sendable {
    /// The sender's id for the message; nil where it gave none.
    package let messageID: MessageID?
    /// What the message tells.
    package let event: Event
    /// What ties it to its trip.
    package let correlation: Correlation
    /// Who sent it, and when.
    package let publication: Publication

    /// - Parameters: as the properties.
    package init(
        messageID: MessageID?, event: Event, correlation: Correlation,
        publication: Publication = .unknown
    ) {
        self.messageID = messageID
        self.event = event
        self.correlation = correlation
        self.publication = publication
    }
}

/// Reads a delivery into its event, at a consumer's door and when an operator replays it.
package struct DeliveryReader<Event: Sendable>: Sendable {
    /// Reads a delivery's body; throws ``UnreadableEvent`` where it never will be an event.
    package typealias Read = @Sendable (Delivery) throws(UnreadableEvent) -> Event

    private let publisher: TrustedPublisher
    private let read: Read

    /// - Parameters:
    ///   - publisher: whose messages are believed.
    ///   - read: the parser.
    package init(publisher: TrustedPublisher, read: @escaping Read) {
        self.publisher = publisher
        self.read = read
    }

    /// Reads a delivery.
    ///
    /// - Parameter believing: whether somebody vouches for a sender who would not be believed.
    /// - Throws: ``UnreadableEvent`` that says why it is not believed, not whole or no event.
    package func callAsFunction(
        _ delivery: Delivery, believing: Bool = false
    ) throws(UnreadableEvent) -> Received<Event> {
        if !believing, let objection = publisher.objection(to: delivery) {
            throw UnreadableEvent(objection)
        }
        if let excess = delivery.excess {
            throw UnreadableEvent(
                "too long: \(excess.length) bytes, the first \(delivery.body.count) are kept")
        }
        return Received(
            messageID: delivery.messageID, event: try read(delivery),
            correlation: Correlation(headers: delivery.headers),
            publication: Publication(headers: delivery.headers))
    }
}
