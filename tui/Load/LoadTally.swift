import Histogram
import SharedKernel
import Synchronization

/// Counts what became of the orders; shared by clients, follower and progress line.
final class LoadTally: Sendable {
    struct Counts: Sendable {
        var sent = 0
        var accepted = 0
        /// By status (HTTP) or code (gRPC).
        var refused: [String: Int] = [:]
        /// Sent, and no answer came: they may have been accepted.
        var unanswered = 0
        var paid = 0
        var failed = 0
        /// Accepted, and not looked for yet: a list while orders are sent, since a set of a hundred
        /// thousand stops the clients for as long as it takes to make it larger.
        fileprivate var fresh: [OrderID] = []
        /// Accepted, looked for, and not yet ended.
        fileprivate var missing: Set<OrderID> = []
        /// Ended before their acceptance was told, or somebody else's: the latest, and those
        /// before.
        fileprivate var early: [OrderID: Ending] = [:]
        fileprivate var earlier: [OrderID: Ending] = [:]
        /// From when an order was due to its acceptance, in microseconds.
        var accepting = Latencies.empty
        /// From when a refused order was sent to its refusal, in microseconds.
        var refusing = Latencies.empty
        /// From acceptance to ending by the database's clock, in microseconds.
        var settling = Latencies.empty
        var lastAnswer: ContinuousClock.Instant?
        var firstCreated: Timestamp?
        var lastEnded: Timestamp?
        /// Each, where they are kept.
        var endings: [Ending]?

        /// Accepted and not known to have ended.
        var open: Int { fresh.count + missing.count }
    }

    /// How an order ended, by the database's clock.
    struct Ending: Sendable {
        let isPaid: Bool
        let created: Timestamp
        let ended: Timestamp
    }

    /// What a progress line needs, without a copy of the rest.
    struct Progress: Sendable {
        let accepted, settled, open, refused, unanswered: Int
    }

    private let counts: Mutex<Counts>

    /// - Parameter keepsEndings: of some hundred orders, not of millions.
    init(keepsEndings: Bool = false) {
        var counts = Counts()
        if keepsEndings { counts.endings = [] }
        self.counts = Mutex(counts)
    }

    var current: Counts { counts.withLock { $0 } }
    var open: Int { counts.withLock { $0.open } }
    var progress: Progress {
        counts.withLock {
            Progress(
                accepted: $0.accepted, settled: $0.paid + $0.failed, open: $0.open,
                refused: $0.refused.values.reduce(0, +), unanswered: $0.unanswered)
        }
    }

    func send() { counts.withLock { $0.sent += 1 } }

    /// - Parameter sent: when; an open loop's order may have been due before.
    func note(
        _ reply: OrderReply, due: ContinuousClock.Instant, sent: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) {
        counts.withLock {
            $0.lastAnswer = now
            switch reply {
            case .accepted(let id):
                $0.accepted += 1
                $0.accepting.record(due.duration(to: now))
                $0.accept(id)
            case .refused(let reason):
                $0.refused[reason, default: 0] += 1
                $0.refusing.record(sent.duration(to: now))
            }
        }
    }

    func noteUnanswered() { counts.withLock { $0.unanswered += 1 } }

    /// - Parameter keeps: whether to keep the ending where the order is not one of these: its
    ///   acceptance may be told later. In one with the looking, since it may be told meanwhile.
    /// - Returns: whether the order is one of these, and had not ended.
    @discardableResult
    func noteEnding(of id: OrderID, _ ending: Ending, keeps: Bool = false) -> Bool {
        counts.withLock {
            $0.look()
            guard $0.missing.remove(id) != nil else {
                if keeps { $0.early[id] = ending }
                return false
            }
            $0.end(ending)
            return true
        }
    }

    /// Forgets the endings that nobody has asked for since the last call, which are of orders that
    /// somebody else has placed: an order's acceptance is told within a deadline.
    func forgetOthers() {
        counts.withLock {
            $0.earlier = $0.early
            $0.early = [:]
        }
    }
}

extension LoadTally.Counts {
    fileprivate mutating func accept(_ id: OrderID) {
        if early.isEmpty, earlier.isEmpty {
            fresh.append(id)
        } else if let ending = early.removeValue(forKey: id) ?? earlier.removeValue(forKey: id) {
            end(ending)
        } else {
            fresh.append(id)
        }
    }

    fileprivate mutating func look() {
        guard !fresh.isEmpty else { return }
        missing.formUnion(fresh)
        fresh.removeAll(keepingCapacity: true)
    }

    fileprivate mutating func end(_ ending: LoadTally.Ending) {
        if ending.isPaid { paid += 1 } else { failed += 1 }
        settling.record(
            .microseconds(ending.ended.microseconds - ending.created.microseconds))
        firstCreated = min(firstCreated ?? ending.created, ending.created)
        lastEnded = max(lastEnded ?? ending.ended, ending.ended)
        endings?.append(ending)
    }
}

/// Durations as an HdrHistogram: three digits, up to ten minutes.
typealias Latencies = Histogram<UInt64>

extension Latencies {
    static var empty: Latencies {
        Latencies(highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .three)
    }

    mutating func record(_ duration: Duration) {
        let microseconds = Swift.max(1, Swift.min(600_000_000, duration / .microseconds(1)))
        record(UInt64(microseconds))
    }
}
