import Synchronization

/// Hands out orders to the clients: the next one and the moment at which it is due.
///
/// In an open loop a moment never moves, however late the clients are, and what an order waited
/// for a client counts as its latency. Nothing is left out that a slow answer held back: Gil Tene's
/// "coordinated omission".
final class Arrivals: Sendable {
    private let interval: Duration?
    /// How many there are; nil for as many as the time allows.
    private let total: Int?
    private let start: ContinuousClock.Instant
    private let end: ContinuousClock.Instant
    private let taken = Atomic<Int>(0)

    init(_ plan: LoadPlan, from start: ContinuousClock.Instant) {
        interval = plan.rate.map { .seconds(1) / $0 }
        total = plan.orders
        self.start = start
        end = start + plan.duration
    }

    /// The next order, or nil when there is none any more. What fell due before the end and was
    /// not taken by then stays untaken: that load was more than the clients could bring.
    func take(at now: ContinuousClock.Instant) -> (order: Int, due: ContinuousClock.Instant)? {
        guard now < end else { return nil }
        let order = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        if let total, order >= total { return nil }
        return (order, interval.map { start + $0 * order } ?? now)
    }

    /// Whether nothing is handed out any more.
    func areOver(at now: ContinuousClock.Instant) -> Bool {
        now >= end || total.map { taken.load(ordering: .relaxed) >= $0 } ?? false
    }
}
