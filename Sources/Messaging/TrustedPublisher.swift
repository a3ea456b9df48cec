/// Whose messages a consumer believes: the broker lets nobody name another user than their own.
///
/// Whoever may publish at all may publish to every queue, so the queue proves nothing: a message is
/// believed for its publisher alone.
package struct TrustedPublisher: Sendable, Equatable {
    /// The broker's user.
    package let user: String
    /// Whether messages that name nobody are believed too, as older services send them.
    package let acceptsUnsigned: Bool

    /// - Parameters: as the properties.
    package init(user: String, acceptsUnsigned: Bool = false) {
        self.user = user
        self.acceptsUnsigned = acceptsUnsigned
    }

    /// Why the message is not believed; nil where it is.
    package func objection(to delivery: Delivery) -> String? {
        switch delivery.sender {
        case user: nil
        case let other?: "forged: published by '\(other)', but only '\(user)' may tell this"
        case nil where acceptsUnsigned: nil
        case nil: "unsigned: it names no publisher, and only '\(user)' may tell this"
        }
    }
}
