import Synchronization

/// A clock that stands still until a test moves it: what waits for a minute waits no time at all.
package final class ManualClock: Clock, Sendable {
    /// A moment of this clock.
    package struct Instant: InstantProtocol {
        /// Time since the clock was made.
        package let offset: Duration

        package func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        package func duration(to other: Instant) -> Duration { other.offset - offset }

        package static func < (left: Instant, right: Instant) -> Bool {
            left.offset < right.offset
        }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [UInt64: Sleeper] = [:]
        var lastID: UInt64 = 0
        var watchers: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// A clock at its beginning.
    package init() {}

    package var now: Instant { state.withLock(\.now) }

    package var minimumResolution: Duration { .nanoseconds(1) }

    /// Time since the clock was made, as the doubles' own idea of now.
    package var elapsed: Duration { now.offset }

    /// How many wait for this clock now.
    package var sleepers: Int { state.withLock(\.sleepers.count) }

    // The backquotes tell the rule against sleeping tests that this declares a sleep and does not
    // take one.
    package func `sleep`(until deadline: Instant, tolerance: Duration?) async throws {
        let id = nextID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(Sleeper(deadline: deadline, continuation: continuation), as: id)
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func enter(_ sleeper: Sleeper, as id: UInt64) {
        let (answer, watchers) = state.withLock {
            state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
            // Under the lock: a cancellation is either seen here or finds the sleeper.
            guard !Task.isCancelled else { return (.failure(CancellationError()), []) }
            guard sleeper.deadline > state.now else { return (.success(()), []) }
            state.sleepers[id] = sleeper
            defer { state.watchers = [:] }
            return (nil, Array(state.watchers.values))
        }
        if let answer { sleeper.continuation.resume(with: answer) }
        for watcher in watchers { watcher.resume() }
    }

    /// Moves the clock and wakes whoever's time has come.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until somebody waits for this clock, and moves it to the earliest of their deadlines.
    ///
    /// - Returns: by how much the clock moved.
    @discardableResult
    package func passNextSleep() async -> Duration {
        await untilSomebodySleeps()
        let step = state.withLock { state in
            state.sleepers.values.map(\.deadline).min().map { state.now.duration(to: $0) }
        }
        guard let step else { return .zero }
        advance(by: step)
        return step
    }

    /// Waits until somebody waits for this clock, or the task is cancelled, as a time limit does.
    package func untilSomebodySleeps() async {
        let id = nextID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.sleepers.isEmpty, !Task.isCancelled else { return true }
                    state.watchers[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: id) }?.resume()
        }
    }

    private func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }
}
