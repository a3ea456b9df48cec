import Messaging

/// A queue as one process consumes it: it connects, and again after a loss.
///
/// Unchecked for the reason that ``World`` has.
final class SimulatedSubscription: MessageSource, @unchecked Sendable {
    private let broker: SimulatedBroker
    private let queue: String
    private let process: SimulatedProcess
    private var session: BrokerSession?
    private var isClosed = false
    private var waiting: Pause?

    init(_ queue: String, of broker: SimulatedBroker, for process: SimulatedProcess) {
        self.broker = broker
        self.queue = queue
        self.process = process
        connectLater()
    }

    /// Stops consuming for good: what was not acknowledged goes to others.
    func close() {
        isClosed = true
        if let session { broker.close(session) }
        waiting?.end()
    }

    private func connectLater() {
        let world = broker.world
        world.after(world.duration(.milliseconds(1), .seconds(2))) { [self] in
            guard process.isAlive, !isClosed else { return }
            guard !broker.isAway, !process.isFrozen else { return connectLater() }
            world.trace.note(world, process.name, "consumes")
            session = broker.openSession(process, queue) { [self] in arrived() }
        }
    }

    private func arrived() {
        if session?.isOpen == false {
            session = nil
            connectLater()
        }
        waiting?.end()
    }

    func nextBatch(upTo limit: Int) async throws -> DeliveryBatch {
        while true {
            try Task.checkCancellation()
            guard !isClosed else { throw CancellationError() }
            if let batch = session?.nextBatch(upTo: limit) { return batch }
            let pause = Pause()
            waiting = pause
            try await withTaskCancellationHandler {
                try await withUnsafeThrowingContinuation { continuation in
                    pause.continuation = continuation
                    if Task.isCancelled { pause.end(throwing: CancellationError()) }
                }
            } onCancel: {
                pause.end(throwing: CancellationError())
            }
        }
    }

    func acknowledge(_ batch: DeliveryBatch) async throws {
        await answer(batch) { $0.acknowledge(through: batch.lastTag) }
    }

    func giveBack(_ batch: DeliveryBatch) async throws {
        await answer(batch) { $0.giveBack(through: batch.lastTag) }
    }

    /// The answer is sent and travels; on a session that is gone it means nothing.
    private func answer(_ batch: DeliveryBatch, _ arrive: @escaping (BrokerSession) -> Void) async {
        guard let session, session.id == batch.session else { return }
        let world = broker.world
        world.after(broker.adversity.latency(world)) {
            arrive(session)
            world.trace.note(
                world, self.process.name, "answered a batch", batch.deliveries.count)
        }
        await withUnsafeContinuation { continuation in
            world.soon { continuation.resume() }
        }
    }
}
