/// When each loop of a daemon made its last step: a machine without a clock, told the time.
struct ProgressLedger {
    /// A loop that has been silent for longer than it may.
    struct Overdue: Equatable {
        let name: String
        let silence: Duration
    }

    private struct Entry {
        let name: String
        let patience: Duration
        /// nil while it waits for something that may never come.
        var lastBeat: SuspendingClock.Instant?
    }

    private var entries: [Int: Entry] = [:]
    private var lastID = 0

    /// A loop begins.
    ///
    /// - Parameter patience: the longest silence that is still no hang.
    mutating func enter(
        _ name: String, patience: Duration, at now: SuspendingClock.Instant
    ) -> Int {
        lastID += 1
        entries[lastID] = Entry(name: name, patience: patience, lastBeat: now)
        return lastID
    }

    mutating func beat(_ id: Int, at now: SuspendingClock.Instant) {
        entries[id]?.lastBeat = now
    }

    mutating func wait(_ id: Int) { entries[id]?.lastBeat = nil }

    mutating func leave(_ id: Int) { entries[id] = nil }

    /// Those that have been silent for too long, in the order in which they began.
    func overdue(at now: SuspendingClock.Instant) -> [Overdue] {
        entries.sorted { $0.key < $1.key }.compactMap { _, entry in
            guard let lastBeat = entry.lastBeat, now - lastBeat > entry.patience else { return nil }
            return Overdue(name: entry.name, silence: now - lastBeat)
        }
    }
}
