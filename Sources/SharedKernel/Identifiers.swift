/// An order's id: a UUID, version 7 where Kassa made it, so that ids ascend with time.
package struct OrderID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let bits: UUIDBits

    init(bits: UUIDBits) { self.bits = bits }

    /// Reads a UUID's text; nil for anything else.
    package init?(_ text: String) {
        guard let bits = UUIDBits(text) else { return nil }
        self.bits = bits
    }

    /// When the order was accepted, to the millisecond, by the clock of the service that made the
    /// id; nil for an id that Kassa did not make.
    package var moment: Timestamp? { bits.moment }

    /// Where orders accepted at the moment or later begin: every id that Kassa made then is not
    /// less, and every earlier one is.
    package init(notBefore moment: Timestamp) { bits = UUIDBits(notBefore: moment) }

    /// Lower-case UUID text.
    package var description: String { bits.text }

    package static func < (left: OrderID, right: OrderID) -> Bool { left.bits < right.bits }
}

/// A message's id: the outbox row's, the same however often the row is published.
package struct MessageID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let bits: UUIDBits

    init(bits: UUIDBits) { self.bits = bits }

    /// Reads a UUID's text; nil for anything else.
    package init?(_ text: String) {
        guard let bits = UUIDBits(text) else { return nil }
        self.bits = bits
    }

    /// The one message that announces this order: derived, so that announcing again is the same
    /// message, also long after its outbox row is gone.
    package init(announcing order: OrderID) { bits = order.bits }

    /// Where ids made at the moment or later begin, as with ``OrderID/init(notBefore:)``.
    package init(notBefore moment: Timestamp) { bits = UUIDBits(notBefore: moment) }

    /// Lower-case UUID text.
    package var description: String { bits.text }

    package static func < (left: MessageID, right: MessageID) -> Bool { left.bits < right.bits }
}
