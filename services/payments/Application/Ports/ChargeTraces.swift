package import SharedKernel

/// What Payments has stored of an order's life.
package struct ChargeTrace: Sendable, Equatable {
    /// The decision and what came of it.
    package struct Decision: Sendable, Equatable {
        package let outcome: PaymentOutcome
        package let at: Timestamp
        /// The movement of money; nil where none was made.
        package let transfer: String?
        /// How often the broker has turned down the outcome that still waits in the outbox; nil
        /// where none waits.
        package let refusals: Int?

        /// - Parameters: as the properties.
        package init(outcome: PaymentOutcome, at: Timestamp, transfer: String?, refusals: Int?) {
            self.outcome = outcome
            self.at = at
            self.transfer = transfer
            self.refusals = refusals
        }
    }

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

    /// When its announcement was first taken; nil where it was not, or where that is forgotten,
    /// after a week.
    package let receivedAt: Timestamp?
    package let decision: Decision?
    /// Oldest first, of the newest ten thousand that are parked.
    package let parked: [Parked]

    /// - Parameters: as the properties.
    package init(receivedAt: Timestamp?, decision: Decision?, parked: [Parked]) {
        self.receivedAt = receivedAt
        self.decision = decision
        self.parked = parked
    }
}

/// Where a charge's life can be looked up. Nothing here changes anything.
package protocol ChargeTraces: Sendable {
    /// What is stored of the order; empty where nothing is.
    func trace(of order: OrderID) async throws -> ChargeTrace
}
