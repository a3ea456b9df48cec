import Synchronization

/// A bell: a commit rings it, the relay waits for it. Rings coalesce, and one that comes early is
/// not lost.
package final class WakeSignal: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Ends the wait, or the next one if nobody waits now.
    package func ring() { takeWaiter(orRemember: true)?.resume(returning: true) }

    /// Waits until the bell is rung, the time is up or the task is cancelled. One waiter at a time.
    ///
    /// - Returns: whether the bell was rung.
    @discardableResult
    package func wait(atMost limit: Duration, clock: any Clock<Duration>) async -> Bool {
        await withTaskGroup { group in
            group.addTask {
                try? await clock.sleep(for: limit)
                return false
            }
            group.addTask { await self.untilRung() }
            var isRung = false
            for await result in group {
                isRung = isRung || result
                group.cancelAll()
            }
            return isRung
        }
    }

    private func untilRung() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Under the lock the task's own flag closes the race: a cancellation is either seen
                // here, or finds the waiter.
                let answer: Bool? = state.withLock { state in
                    if state.isRung {
                        state.isRung = false
                        return true
                    }
                    guard !Task.isCancelled else { return false }
                    state.waiter = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            takeWaiter(orRemember: false)?.resume(returning: false)
        }
    }

    private func takeWaiter(orRemember remembers: Bool) -> CheckedContinuation<Bool, Never>? {
        state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil, remembers { state.isRung = true }
            return state.waiter
        }
    }
}
