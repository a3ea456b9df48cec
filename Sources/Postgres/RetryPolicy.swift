/// What the pool may run again by itself.
package enum RetryPolicy: Sendable {
    /// Nothing: the first failure is the answer.
    case never
    /// What is certain to have been rolled back and no fault of the statement: another transaction
    /// stood in the way (40001, 40P01, 55P03), or the statement was prepared before its tables
    /// changed.
    case conflicts
    /// Also what a lost connection or an unknown outcome ended: for work that keys make harmless to
    /// repeat.
    case idempotent

    /// How often a piece of work is run at most.
    static let attempts = 5

    /// Whether `error` is one that this policy re-runs.
    func covers(_ error: PostgresError) -> Bool {
        switch self {
        case .never: return false
        case .conflicts: return error.isConflict
        case .idempotent:
            switch error.code {
            case .unreachable, .connectionLost, .timedOut, .outcomeUnknown, .shuttingDown,
                .notPrimary:
                return true
            default: return error.isConflict
            }
        }
    }

    /// The pause before attempt number `attempt + 1`: doubling, and half of it chance,
    /// so that those who collided do not collide again.
    static func pause(after attempt: Int, _ error: PostgresError) -> Duration {
        let base: Duration = error.isConflict ? .milliseconds(10) : .milliseconds(50)
        return (base * (1 << min(attempt - 1, 6))).jittered()
    }
}

extension Duration {
    /// Between half of this duration and all of it.
    func jittered() -> Duration { self * Double.random(in: 0.5...1) }

    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
