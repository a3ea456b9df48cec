import Synchronization

/// Hands out orders to the clients, each once it is due.
///
/// In an open loop a moment never moves, however late the clients are, and what an order waited
/// for a client counts as its latency. Nothing is left out that a slow answer held back: Gil Tene's
/// "coordinated omission".
final class Arrivals: Sendable {
    /// What a client gets that asks for an order.
    enum Next: Equatable {
        case order(Int, due: ContinuousClock.Instant)
        /// None is due before.
        case wait(until: ContinuousClock.Instant)
        /// There is none any more.
        case over
    }

    private struct State {
        var began: ContinuousClock.Instant?
        var taken = 0
    }

    /// How long the first client may take to connect.
    private static let patience = Duration.seconds(30)
    /// How late the round may be that brings an open loop's last orders.
    private static let lateness = Duration.milliseconds(10)

    private let interval: Duration?
    /// How many there are; nil for as many as the time allows.
    private let total: Int?
    private let duration: Duration
    private let opening: ContinuousClock.Instant
    private let state = Mutex(State())

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
    var start: ContinuousClock.Instant { state.withLock { $0.began } ?? opening }

    /// The next order, if it is due. What fell due before the end and was not taken by then stays
    /// untaken: that load was more than the clients could bring.
    func take(at now: ContinuousClock.Instant) -> Next {
        state.withLock { state in
            let start = state.began ?? now
            state.began = start
            let order = state.taken
            guard now < end(from: start), order < total ?? .max else { return .over }
            let due = interval.map { start + $0 * order } ?? now
            guard due <= now else { return .wait(until: due) }
            state.taken += 1
            return .order(order, due: due)
        }
    }

    /// Whether nothing is handed out any more.
    func areOver(at now: ContinuousClock.Instant) -> Bool {
        let (began, taken) = state.withLock { ($0.began, $0.taken) }
        let last = began.map { end(from: $0) } ?? (opening + Self.patience)
        return now >= last || total.map { taken >= $0 } ?? false
    }

    private func end(from start: ContinuousClock.Instant) -> ContinuousClock.Instant {
        start + duration + (interval == nil ? .zero : Self.lateness)
    }
}
