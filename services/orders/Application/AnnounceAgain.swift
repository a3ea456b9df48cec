import OrdersDomain

/// Announces orders again that have been PENDING for too long: whatever was lost on the way, their
/// announcement or their outcome, comes once more.
package struct AnnounceAgain: Sendable {
    private let orders: any PendingOrders
    private let patience: Patience
    private let chance: Chance

    /// - Parameters:
    ///   - orders: where they wait.
    ///   - patience: how long an order waits that was announced once; longer than zero.
    ///   - bits: draws 64 random bits; a test's may be seeded.
    package init(
        orders: any PendingOrders, patience: Duration,
        bits: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        self.orders = orders
        self.patience = Patience(first: patience)
        chance = Chance(bits: bits)
    }

    /// - Returns: what was announced, and where the next sweep goes on.
    package func callAsFunction(_ sweep: PendingSweep) async throws -> PendingSweepResult {
        try await orders.announceAgain(sweep, after: patience.first) {
            [patience, chance] announcements in
            var chance = chance
            return patience.wait(afterAnnouncements: announcements, using: &chance)
        }
    }
}

/// Random numbers from wherever.
private struct Chance: RandomNumberGenerator {
    let bits: @Sendable () -> UInt64

    mutating func next() -> UInt64 { bits() }
}
