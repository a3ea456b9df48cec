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
        /// Accepted and not yet ended.
        var open: Set<OrderID> = []
        /// Ended before their acceptance was told, or by somebody else's hand.
        var early: [OrderID: Ending] = [:]
        /// From when an order was due to its acceptance, in microseconds.
        var accepting = Latencies.empty
        /// From acceptance to ending by the database's clock, in microseconds.
        var settling = Latencies.empty
        var lastAnswer: ContinuousClock.Instant?
        var firstCreated: Timestamp?
        var lastEnded: Timestamp?
    }

    /// How an order ended, by the database's clock.
    struct Ending: Sendable {
        let isPaid: Bool
        let created: Timestamp
        let ended: Timestamp
    }

    private let counts = Mutex(Counts())

    var current: Counts { counts.withLock { $0 } }
    /// What a progress line needs, without a copy of the rest.
    var progress: (accepted: Int, settled: Int, open: Int, refused: Int, unanswered: Int) {
        counts.withLock {
            (
                $0.accepted, $0.paid + $0.failed, $0.open.count,
                $0.refused.values.reduce(0, +), $0.unanswered
            )
        }
    }

    func send() { counts.withLock { $0.sent += 1 } }

    func note(
        _ reply: OrderReply, due: ContinuousClock.Instant, at now: ContinuousClock.Instant
    ) {
        counts.withLock {
            $0.lastAnswer = now
            switch reply {
            case .accepted(let id):
                $0.accepted += 1
                $0.accepting.record(due.duration(to: now))
                if let ending = $0.early.removeValue(forKey: id) {
                    $0.end(ending)
                } else {
                    $0.open.insert(id)
                }
            case .refused(let reason): $0.refused[reason, default: 0] += 1
            }
        }
    }

    func noteUnanswered() { counts.withLock { $0.unanswered += 1 } }

    func noteEnding(of id: OrderID, _ ending: Ending) {
        counts.withLock {
            if $0.open.remove(id) != nil { $0.end(ending) } else { $0.early[id] = ending }
        }
    }
}

extension LoadTally.Counts {
    fileprivate mutating func end(_ ending: LoadTally.Ending) {
        if ending.isPaid { paid += 1 } else { failed += 1 }
        settling.record(
            .microseconds(ending.ended.microseconds - ending.created.microseconds))
        firstCreated = min(firstCreated ?? ending.created, ending.created)
        lastEnded = max(lastEnded ?? ending.ended, ending.ended)
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
