import Synchronization

/// Hands out orders to the clients: the next one and the moment at which it is due.
///
/// In an open loop a moment never moves, however late the clients are, and what an order waited
/// for a client counts as its latency. Nothing is left out that a slow answer held back: Gil Tene's
/// "coordinated omission".
final class Arrivals: Sendable {
    /// How long the first client may take to connect.
    private static let patience = Duration.seconds(30)

    private let interval: Duration?
    /// How many there are; nil for as many as the time allows.
    private let total: Int?
    private let duration: Duration
    private let opening: ContinuousClock.Instant
    private let began = Mutex<ContinuousClock.Instant?>(nil)
    private let taken = Atomic<Int>(0)

    /// The time begins when the first client asks: what it takes to connect is nobody's latency.
    ///
    /// - Parameter opening: from when on clients try to connect.
    init(_ plan: LoadPlan, from opening: ContinuousClock.Instant) {
        interval = plan.rate.map { .seconds(1) / $0 }
        total = plan.orders
        duration = plan.duration
        self.opening = opening
    }

    /// When the first order was due; where none was taken, when clients began to connect.
    var start: ContinuousClock.Instant { began.withLock { $0 } ?? opening }

    /// The next order, or nil when there is none any more. What fell due before the end and was
    /// not taken by then stays untaken: that load was more than the clients could bring.
    func take(at now: ContinuousClock.Instant) -> (order: Int, due: ContinuousClock.Instant)? {
        let start = began.withLock {
            let start = $0 ?? now
            $0 = start
            return start
        }
        guard now < start + duration else { return nil }
        let order = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        if let total, order >= total { return nil }
        return (order, interval.map { start + $0 * order } ?? now)
    }

    /// Whether nothing is handed out any more.
    func areOver(at now: ContinuousClock.Instant) -> Bool {
        let end = began.withLock { $0 }.map { $0 + duration } ?? (opening + Self.patience)
        return now >= end || total.map { taken.load(ordering: .relaxed) >= $0 } ?? false
    }
}
