package import SharedKernel

/// A bounded look at the orders that wait for their end, oldest first.
package struct PendingSweep: Hashable, Sendable {
    /// Looks at those behind this one; nil begins with the oldest.
    package var after: OrderID?
    /// How many it looks at, and how many of them it announces again at most.
    package var lookLimit = 2_000
    package var announceLimit = 256

    /// - Parameter after: as the property.
    package init(after: OrderID? = nil) { self.after = after }
}

/// What a sweep did.
package struct PendingSweepResult: Hashable, Sendable {
    /// The orders that were announced again, oldest first.
    package let announced: [OrderID]
    /// Where the next sweep goes on; nil where this one came to the end.
    package let next: OrderID?

    /// - Parameters: as the properties.
    package init(announced: [OrderID], next: OrderID?) {
        self.announced = announced
        self.next = next
    }
}

/// The orders that wait for their end.
package protocol PendingOrders: Sendable {
    /// Announces again, under the same message id, those of a sweep that have waited as long as
    /// they were to, by the database's clock. An order whose announcement is still in the outbox is
    /// left alone, and so is one that another instance announces at this moment.
    ///
    /// - Parameters:
    ///   - patience: how long an order waits that was announced once.
    ///   - wait: pure; how long an order waits that was now announced so often, the first included.
    ///     Not less than `patience`.
    func announceAgain(
        _ sweep: PendingSweep, after patience: Duration,
        _ wait: @escaping @Sendable (_ announcements: Int) -> Duration
    ) async throws -> PendingSweepResult
}
