package import Messaging
import Synchronization

/// One queue of an ``InMemoryBroker``, with sessions as real connections have them.
package final class InMemorySubscription: MessageSource, Sendable {
    private struct State {
        var session: UInt64
        var isClosed = false
        var lastTag: UInt64 = 0
        var held: [(tag: UInt64, delivery: Delivery)] = []
        var acknowledged: [Delivery] = []
    }

    private let broker: InMemoryBroker
    private let queue: String
    private let state: Mutex<State>
    /// Calls of ``acknowledge(_:)`` that are to fail.
    package let acknowledgeFaults = FaultScript()

    init(broker: InMemoryBroker, queue: String) {
        self.broker = broker
        self.queue = queue
        state = Mutex(State(session: broker.openSession()))
    }

    /// What was acknowledged, in order.
    package var acknowledged: [Delivery] { state.withLock(\.acknowledged) }

    /// How many deliveries wait for an answer.
    package var heldCount: Int { state.withLock(\.held.count) }

    /// Loses the connection and opens another: what was not acknowledged comes again.
    package func reconnect() {
        let session = broker.openSession()
        let held = state.withLock { state in
            defer { state.held = [] }
            state.session = session
            return state.held.map(\.delivery)
        }
        broker.requeue(held, to: queue)
    }

    /// Gives everything back that was not acknowledged, and ends every wait with a cancellation.
    package func close() {
        state.withLock { $0.isClosed = true }
        reconnect()
        broker.interrupt(queue)
    }

    package func nextBatch(upTo limit: Int) async throws -> DeliveryBatch {
        while true {
            try Task.checkCancellation()
            guard !state.withLock(\.isClosed) else { throw CancellationError() }
            let deliveries = broker.take(upTo: limit, from: queue)
            if !deliveries.isEmpty { return hold(deliveries) }
            await broker.untilFilled(queue)
        }
    }

    private func hold(_ deliveries: [Delivery]) -> DeliveryBatch {
        state.withLock { state in
            for delivery in deliveries {
                state.lastTag += 1
                state.held.append((state.lastTag, delivery))
            }
            return DeliveryBatch(
                deliveries: deliveries, session: state.session, lastTag: state.lastTag)
        }
    }

    package func acknowledge(_ batch: DeliveryBatch) async throws {
        try acknowledgeFaults.check()
        let settled = settle(batch)
        state.withLock { $0.acknowledged += settled }
    }

    package func giveBack(_ batch: DeliveryBatch) async throws {
        broker.requeue(settle(batch), to: queue)
    }

    /// A tag means nothing on another session.
    private func settle(_ batch: DeliveryBatch) -> [Delivery] {
        state.withLock { state in
            guard state.session == batch.session else { return [] }
            let settled = state.held.filter { $0.tag <= batch.lastTag }.map(\.delivery)
            state.held.removeAll { $0.tag <= batch.lastTag }
            return settled
        }
    }
}
