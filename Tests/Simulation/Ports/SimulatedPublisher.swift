import Messaging

/// The broker as one process's relay sees it.
struct SimulatedPublisher: MessagePublisher {
    let broker: SimulatedBroker
    let routes: [String: String]

    func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome] {
        let world = broker.world
        return try await withUnsafeThrowingContinuation { continuation in
            world.after(broker.adversity.latency(world)) { [self] in
                guard let outcomes = broker.take(messages, routes: routes) else {
                    // Told at once, by the connection's end, or never: then a deadline ends it.
                    world.after(world.duration(.milliseconds(1), .seconds(10))) {
                        continuation.resume(throwing: SimulatedFault.outcomeUnknown)
                    }
                    return
                }
                world.trace.note(world, "broker", "published", messages.count)
                world.after(broker.adversity.latency(world)) {
                    continuation.resume(returning: outcomes)
                }
            }
        }
    }
}
