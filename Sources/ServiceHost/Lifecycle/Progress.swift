import Synchronization

/// Where the loops of a daemon say that they go on; the watchdog is fed only while none of them has
/// fallen silent.
package final class Progress: Sendable {
    /// One loop's entry.
    package struct Loop: Sendable {
        let progress: Progress
        let id: Int

        /// The loop goes on.
        package func beat() { progress.ledger.withLock { $0.beat(id, at: progress.now()) } }

        /// The loop waits for what may never come: silence is no hang until the next beat.
        package func wait() { progress.ledger.withLock { $0.wait(id) } }

        /// The loop has ended.
        package func leave() { progress.ledger.withLock { $0.leave(id) } }
    }

    /// Long enough for every deadline that a step may have, one after the other, on a machine that
    /// is busy; short enough that a hung daemon is restarted before its users give up.
    package static let patience: Duration = .seconds(60)

    private let ledger = Mutex(ProgressLedger())
    private let now: @Sendable () -> SuspendingClock.Instant

    /// - Parameter now: the time, without that in which the machine slept; a test's may be virtual.
    package init(now: @escaping @Sendable () -> SuspendingClock.Instant = { .now }) {
        self.now = now
    }

    /// A loop begins.
    ///
    /// - Parameters:
    ///   - name: for the log.
    ///   - patience: the longest silence that is still no hang.
    package func enter(_ name: String, patience: Duration = Progress.patience) -> Loop {
        Loop(
            progress: self,
            id: ledger.withLock { $0.enter(name, patience: patience, at: now()) })
    }

    /// Those that have been silent for too long.
    func overdue() -> [ProgressLedger.Overdue] { ledger.withLock { $0.overdue(at: now()) } }
}
