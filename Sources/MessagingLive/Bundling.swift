import AMQP
import Synchronization

/// What a publisher knows of the queues for bundles: whether anybody opens what goes there.
///
/// A bundle that is returned tells that no consumer has ever declared its queue. One that was
/// declared may have lost its consumers, so it is asked now and then. Where the messages' own queue
/// has some, they are of a version that opens no bundles, and messages go one by one, as everybody
/// understands them. Where neither has any, whoever opened bundles is down: they wait for it as
/// bundles, which spares the broker and its consumer most of the work when it comes back. Should
/// an older version come back instead, what waits in bundles is announced again.
final class Bundling: Sendable {
    private enum Knowledge {
        case unknown
        case taken(asOf: ContinuousClock.Instant)
        case missing(asOf: ContinuousClock.Instant)
        /// Only those consume who open no bundles.
        case unopened(asOf: ContinuousClock.Instant)
    }

    /// How long an answer is believed.
    private static let trust: Duration = .seconds(5)
    /// How long a queue that was not there is not tried again: that costs a publication.
    private static let rest: Duration = .seconds(30)

    private let queues = Mutex<[String: Knowledge]>([:])

    /// Whether the messages of a queue may go in bundles, as far as is known.
    ///
    /// - Throws: what ended the connection, as asking for a queue that was deleted does.
    func mayBundle(_ queue: String, over connection: AMQPConnection) async throws -> Bool {
        let now = ContinuousClock.now
        switch queues.withLock({ $0[queue] ?? .unknown }) {
        case .unknown: return true
        case .missing(let moment) where now - moment < Self.rest: return false
        case .missing: return true
        case .taken(let moment) where now - moment < Self.trust: return true
        case .unopened(let moment) where now - moment < Self.trust: return false
        case .taken, .unopened: return try await ask(queue, over: connection)
        }
    }

    /// A bundle came back: nobody has declared its queue.
    func isMissing(_ queue: String) { learn(.missing(asOf: .now), of: queue) }

    /// A bundle was confirmed.
    func isThere(_ queue: String) {
        queues.withLock { queues in
            switch queues[queue] ?? .unknown {
            // Asked next time: being there does not tell of consumers.
            case .unknown, .missing: queues[queue] = .taken(asOf: .now - Self.trust)
            case .taken, .unopened: break
            }
        }
    }

    private func ask(_ queue: String, over connection: AMQPConnection) async throws -> Bool {
        do {
            // Whoever opens bundles consumes the messages' own queue as well.
            let isOpened =
                try await connection.consumerCount(of: MessageBundle.queue(of: queue)) > 0
            let mayBundle =
                if isOpened { true } else { try await connection.consumerCount(of: queue) == 0 }
            learn(mayBundle ? .taken(asOf: .now) : .unopened(asOf: .now), of: queue)
            return mayBundle
        } catch {
            learn(.missing(asOf: .now), of: queue)
            throw error
        }
    }

    private func learn(_ knowledge: Knowledge, of queue: String) {
        queues.withLock { $0[queue] = knowledge }
    }
}
