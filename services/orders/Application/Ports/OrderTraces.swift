package import OrdersDomain
package import SharedKernel

/// What Orders has stored of an order's life.
package struct OrderTrace: Sendable, Equatable {
    /// A message about the order that was parked here.
    package struct Parked: Sendable, Equatable {
        package let id: Int64
        package let at: Timestamp
        package let reason: String

        /// - Parameters: as the properties.
        package init(id: Int64, at: Timestamp, reason: String) {
            self.id = id
            self.at = at
            self.reason = reason
        }
    }

    package let order: Order
    /// Oldest first; the first is its acceptance.
    package let changes: [OrderChange]
    /// How often the broker has turned down the announcement that still waits in the outbox; nil
    /// where none waits.
    package let refusals: Int?
    /// How often it was announced, while it waits for its end; nil afterwards.
    package let announcements: Int?
    /// Oldest first, of the newest ten thousand that are parked.
    package let parked: [Parked]

    /// - Parameters: as the properties.
    package init(
        order: Order, changes: [OrderChange], refusals: Int?, announcements: Int?,
        parked: [Parked]
    ) {
        self.order = order
        self.changes = changes
        self.refusals = refusals
        self.announcements = announcements
        self.parked = parked
    }
}

/// Where an order's life can be looked up. Nothing here changes anything.
package protocol OrderTraces: Sendable {
    /// What is stored of the order; nil where there is none.
    func trace(of order: OrderID) async throws -> OrderTrace?
}
