package import Messaging

/// The way to an ``InMemoryBroker``.
package struct InMemoryPublisher: MessagePublisher {
    let broker: InMemoryBroker
    let routes: [String: String]

    package func publish(_ messages: [OutboxMessage]) async throws -> [PublishOutcome] {
        var outcomes: [PublishOutcome] = []
        var isWordLost = false
        for message in messages {
            if let outcome = try broker.take(message, for: routes[message.type]) {
                outcomes.append(outcome)
            } else {
                isWordLost = true
            }
        }
        // One lost word leaves all in doubt: the confirm window ends in a timeout.
        guard !isWordLost else { throw ScriptedFault(isTransient: true) }
        return outcomes
    }
}
