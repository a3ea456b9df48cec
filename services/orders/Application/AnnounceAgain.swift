import OrdersDomain

/// Announces orders again that have been PENDING for too long: whatever was lost on the way, their
/// announcement or their outcome, comes once more.
package struct AnnounceAgain: Sendable {
    private let orders: any PendingOrders
    private let patience: Patience

    /// - Parameters:
    ///   - orders: where they wait.
    ///   - patience: how long an order waits that was announced once; longer than zero.
    package init(orders: any PendingOrders, patience: Duration) {
        self.orders = orders
        self.patience = Patience(first: patience)
    }

    /// - Returns: what was announced, and where the next sweep goes on.
    package func callAsFunction(_ sweep: PendingSweep) async throws -> PendingSweepResult {
        try await orders.announceAgain(sweep, after: patience.first) { [patience] announcements in
            var chance = SystemRandomNumberGenerator()
            return patience.wait(afterAnnouncements: announcements, using: &chance)
        }
    }
}
