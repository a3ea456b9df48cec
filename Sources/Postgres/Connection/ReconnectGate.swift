import Synchronization

/// Keeps a pool from hammering a server that is away: after a failed connect the next one is tried
/// only when a growing, jittered pause has passed, and until then the same failure is the answer.
final class ReconnectGate: Sendable {
    private struct State {
        var failures = 0
        var last: (error: PostgresError, until: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())

    /// Runs `open` unless a pause is under way, and remembers how it went.
    func pass<R>(_ open: () throws(PostgresError) -> R) throws(PostgresError) -> R {
        if let last = state.withLock({ $0.last }), last.until > .now { throw last.error }
        do {
            let opened = try open()
            state.withLock { $0 = State() }
            return opened
        } catch {
            state.withLock { state in
                state.failures += 1
                let pause = Duration.milliseconds(50) * (1 << min(state.failures - 1, 5))
                state.last = (error, .now + min(pause, .seconds(1)).jittered())
            }
            throw error
        }
    }
}
