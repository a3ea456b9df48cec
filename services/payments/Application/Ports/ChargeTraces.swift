package import SharedKernel

/// What Payments has stored of an order's life.
package struct ChargeTrace: Sendable, Equatable {
    /// The decision and what came of it.
    package struct Decision: Sendable, Equatable {
        package let outcome: PaymentOutcome
        package let at: Timestamp
        /// The process that decided; nil where none is stored.
        package let decidedBy: InstanceName?
        /// Who sent the announcement, and when.
        package let publication: Publication
        /// The movement of money; nil where none was made.
        package let transfer: String?
        /// How often the broker has turned down the outcome that still waits in the outbox; nil
        /// where none waits.
        package let refusals: Int?

        /// - Parameters: as the properties.
        package init(
            outcome: PaymentOutcome, at: Timestamp, decidedBy: InstanceName?,
            publication: Publication, transfer: String?, refusals: Int?
        ) {
            self.outcome = outcome
            self.at = at
            self.decidedBy = decidedBy
            self.publication = publication
            self.transfer = transfer
            self.refusals = refusals
        }
    }

    /// What the inbox remembers of the announcement.
    package struct Receipt: Sendable, Equatable {
        /// When it first came.
        package let at: Timestamp
        /// How often it came again; those of one batch count as one.
        package let repeats: Int
        /// When it last came again; nil where it did not.
        package let repeatedAt: Timestamp?

        /// - Parameters: as the properties.
        package init(at: Timestamp, repeats: Int, repeatedAt: Timestamp?) {
            self.at = at
            self.repeats = repeats
            self.repeatedAt = repeatedAt
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

    /// Nil where its announcement was not taken, had an id of its own, as an older program's may
    /// have, or is forgotten, after a week.
    package let receipt: Receipt?
    package let decision: Decision?
    /// Oldest first, of the newest ten thousand that are parked.
    package let parked: [Parked]

    /// - Parameters: as the properties.
    package init(receipt: Receipt?, decision: Decision?, parked: [Parked]) {
        self.receipt = receipt
        self.decision = decision
        self.parked = parked
    }
}

/// Where a charge's life can be looked up. Nothing here changes anything.
package protocol ChargeTraces: Sendable {
    /// What is stored of the order; empty where nothing is.
    func trace(of order: OrderID) async throws -> ChargeTrace
}
