package import Messaging
import SharedKernel
import Synchronization

/// A broker in memory: queues, unroutable messages, redelivery, and what may go wrong between it
/// and a publisher.
package final class InMemoryBroker: Sendable {
    /// What happens to one message that is published.
    package enum Treatment: Sendable {
        /// It is kept, but the broker's word is lost.
        case loseConfirm
        /// It is kept twice, as when a publisher tries again.
        case duplicate
        /// It is not kept, and the broker says so.
        case refuse
    }

    private struct State {
        var queues: [String: [Delivery]] = [:]
        var treatments: [Treatment] = []
        var isAway = false
        var sessions: UInt64 = 0
        var waiters: [UInt64: (queue: String, wake: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state = Mutex(State())

    /// A broker without queues.
    package init() {}

    /// Declares a queue; harmless where it exists.
    package func declare(_ queue: String) {
        state.withLock { $0.queues[queue, default: []] += [] }
    }

    /// Has the next messages treated so, one each; those after them are treated well.
    package func treat(_ treatments: Treatment...) {
        state.withLock { $0.treatments += treatments }
    }

    /// Refuses publishers from now on, or takes them again.
    package func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// What waits in a queue; what a consumer holds is not among it.
    package func waiting(in queue: String) -> [Delivery] {
        state.withLock { $0.queues[queue] ?? [] }
    }

    /// Puts a message into a queue, as any sender may have written it.
    package func send(_ delivery: Delivery) { send([delivery], to: delivery.queue) }

    /// The publisher's side.
    ///
    /// - Parameter routes: the queue for each type of message.
    package func publisher(routes: [String: String]) -> InMemoryPublisher {
        InMemoryPublisher(broker: self, routes: routes)
    }

    /// The consumer's side; declares the queue.
    package func subscription(to queue: String) -> InMemorySubscription {
        declare(queue)
        return InMemorySubscription(broker: self, queue: queue)
    }

    /// Takes one message and gives the broker's word on it; nil where that is lost on the way.
    func take(_ message: OutboxMessage, for queue: String?) throws -> PublishOutcome? {
        guard !state.withLock(\.isAway) else { throw ScriptedFault(isTransient: true) }
        let treatment = state.withLock { state in
            state.treatments.isEmpty ? nil : state.treatments.removeFirst()
        }
        if case .refuse = treatment { return .refused }
        guard let queue, state.withLock({ $0.queues[queue] != nil }) else {
            return .returned(reason: "312 NO_ROUTE")
        }
        let delivery = Delivery(
            messageID: message.id, type: message.type, body: message.payload,
            headers: message.headers, queue: queue)
        switch treatment {
        case .duplicate:
            send([delivery, delivery], to: queue)
        case .loseConfirm:
            send([delivery], to: queue)
            return nil
        default:
            send([delivery], to: queue)
        }
        return .confirmed
    }

    private func send(_ deliveries: [Delivery], to queue: String) {
        wake(queue) { $0.queues[queue, default: []] += deliveries }
    }

    // MARK: For subscriptions

    func openSession() -> UInt64 {
        state.withLock { state in
            state.sessions += 1
            return state.sessions
        }
    }

    func take(upTo limit: Int, from queue: String) -> [Delivery] {
        state.withLock { state in
            let taken = Array((state.queues[queue] ?? []).prefix(limit))
            state.queues[queue]?.removeFirst(taken.count)
            return taken
        }
    }

    /// What was held comes back to the front, marked as delivered before.
    func requeue(_ deliveries: [Delivery], to queue: String) {
        let again = deliveries.map(\.redelivered)
        wake(queue) { $0.queues[queue] = again + ($0.queues[queue] ?? []) }
    }

    /// Waits until something is in the queue or the task is cancelled or ``interrupt(_:)`` is
    /// called.
    func untilFilled(_ queue: String) async {
        let id = openSession()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isFilled = state.queues[queue]?.isEmpty == false
                    guard !isFilled, !Task.isCancelled else { return true }
                    state.waiters[id] = (queue, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.wake.resume()
        }
    }

    /// Ends the waits for a queue.
    func interrupt(_ queue: String) { wake(queue) { _ in } }

    private func wake(_ queue: String, _ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            let waiters = state.waiters.filter { $0.value.queue == queue }
            for id in waiters.keys { state.waiters[id] = nil }
            return waiters.values.map(\.wake)
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension Delivery {
    fileprivate var redelivered: Delivery {
        Delivery(
            messageID: messageID, type: type, body: body, headers: headers, isRedelivered: true,
            sender: sender, queue: queue)
    }
}
