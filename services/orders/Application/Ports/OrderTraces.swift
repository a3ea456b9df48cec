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

    /// An end that the order came to.
    package struct Ending: Sendable, Equatable {
        package let change: OrderChange
        /// Who sent the outcome, and when.
        package let publication: Publication
        /// The process that ended the order; nil where none is stored.
        package let settledBy: InstanceName?

        /// - Parameters: as the properties.
        package init(change: OrderChange, publication: Publication, settledBy: InstanceName?) {
            self.change = change
            self.publication = publication
            self.settledBy = settledBy
        }
    }

    package let order: Order
    /// The process that accepted it; nil where none is stored.
    package let acceptedBy: InstanceName?
    /// Oldest first; there is one at most, unless somebody has damaged the books.
    package let endings: [Ending]
    /// How often the broker has turned down the announcement that still waits in the outbox; nil
    /// where none waits.
    package let refusals: Int?
    /// How often it was announced; nil where it has ended and that was once, or is not known.
    package let announcements: Int?
    /// Oldest first, of the newest ten thousand that are parked.
    package let parked: [Parked]

    /// - Parameters: as the properties.
    package init(
        order: Order, acceptedBy: InstanceName?, endings: [Ending], refusals: Int?,
        announcements: Int?, parked: [Parked]
    ) {
        self.order = order
        self.acceptedBy = acceptedBy
        self.endings = endings
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
