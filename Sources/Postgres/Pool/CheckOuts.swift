/// Who has a connection and who waits for one: the pool's bookkeeping, apart from locks and awaits.
///
/// A waiter waits only while nothing is idle, so nobody can be overtaken.
struct CheckOuts<Connection, Waiter> {
    let size: Int
    let maxWaiters: Int
    private let expectedWaitLimit: Duration
    private var estimate: WaitEstimate
    private(set) var idle: [Connection] = []
    private(set) var busy = 0
    private(set) var isClosed = false
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var lastID: UInt64 = 0

    enum Answer {
        case take(Connection)
        /// There is room for one more connection; it counts as taken.
        case make
        case wait
        case refuse(PostgresError)
    }

    init(
        size: Int, maxWaiters: Int, expectedWaitLimit: Duration = .seconds(3_600),
        at now: ContinuousClock.Instant = .now
    ) {
        precondition(size > 0 && maxWaiters >= 0)
        self.size = size
        self.maxWaiters = maxWaiters
        self.expectedWaitLimit = expectedWaitLimit
        estimate = WaitEstimate(at: now)
    }

    var waiting: Int { waiters.count }

    /// The connection used last is taken first: it is the warmest, and the rest may rest.
    /// Who would have to wait for too long, by what turns took lately, is refused at once.
    mutating func take(at now: ContinuousClock.Instant = .now) -> Answer {
        if isClosed { return .refuse(PostgresError(.poolClosed, "the pool is closed")) }
        if let connection = idle.popLast() {
            busy += 1
            estimate.began(at: now)
            return .take(connection)
        }
        if busy < size {
            busy += 1
            estimate.began(at: now)
            return .make
        }
        guard waiters.count < maxWaiters else {
            return .refuse(
                PostgresError(
                    .poolExhausted, "\(waiters.count) callers wait for a connection already"))
        }
        let turns = Double(waiters.count + 1) / Double(size)
        guard estimate.wait(turns: turns, at: now) <= expectedWaitLimit else {
            return .refuse(
                PostgresError(.poolExhausted, "the wait for a connection would be too long"))
        }
        return .wait
    }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Queues a waiter that ``take()`` told to wait, under the same lock.
    mutating func enqueue(_ waiter: Waiter, id: UInt64) { waiters.append((id, waiter)) }

    /// Takes a waiter out of the queue; nil when it has had its answer.
    mutating func remove(_ id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    /// Gives a connection back; the waiter, if any, gets it at once and it stays busy.
    ///
    /// - Parameter turn: how long the connection was in use.
    mutating func giveBack(
        _ connection: Connection, after turn: Duration, at now: ContinuousClock.Instant = .now
    ) -> Waiter? {
        estimate.ended(after: turn, at: now)
        if !isClosed, !waiters.isEmpty { return waiters.removeFirst().waiter }
        busy -= 1
        if !isClosed { idle.append(connection) }
        return nil
    }

    /// The connection that was to be made could not be; gives a waiter to be told as much, since
    /// nobody may come to hand him one.
    mutating func failedToMake() -> Waiter? {
        busy -= 1
        return waiters.isEmpty ? nil : waiters.removeFirst().waiter
    }

    /// Closes the door; gives the waiters to refuse and the connections to close.
    mutating func close() -> (waiters: [Waiter], idle: [Connection]) {
        isClosed = true
        defer {
            waiters = []
            idle = []
        }
        return (waiters.map(\.waiter), idle)
    }
}
