import SharedKernel

/// What a replay does, or would do.
package struct ReplayOutcome: Sendable, Equatable {
    /// Whether the message is handled by it; otherwise it stays parked.
    package let isHandled: Bool
    /// One line, such as `would debit 30.00: 70.00 → 40.00`.
    package let words: String

    /// - Parameters: as the properties.
    package init(isHandled: Bool, words: String) {
        self.isHandled = isHandled
        self.words = words
    }
}

/// Handles a parked message as its consumer would: the same reading, the same use case, the same
/// inbox.
package struct MessageReplay: Sendable {
    /// Tells what would be done; nothing is.
    let rehearse: @Sendable (Delivery, _ believing: Bool) async throws -> ReplayOutcome
    /// Does it.
    let replay: @Sendable (Delivery, _ believing: Bool) async throws -> ReplayOutcome

    /// - Parameters:
    ///   - reader: the consumer's own.
    ///   - rehearse: tells what the use case would do.
    ///   - replay: the use case.
    package init<Event>(
        reader: DeliveryReader<Event>,
        rehearse: @escaping @Sendable (Received<Event>) async throws -> ReplayOutcome,
        replay: @escaping @Sendable (Received<Event>) async throws -> ReplayOutcome
    ) {
        func reading(
            _ handle: @escaping @Sendable (Received<Event>) async throws -> ReplayOutcome
        ) -> @Sendable (Delivery, Bool) async throws -> ReplayOutcome {
            { delivery, believing in
                let received: Received<Event>
                do throws(UnreadableEvent) {
                    received = try reader(delivery, believing: believing)
                } catch {
                    return ReplayOutcome(isHandled: false, words: "stays parked: \(error)")
                }
                return try await handle(received)
            }
        }
        self.rehearse = reading(rehearse)
        self.replay = reading(replay)
    }
}

/// Where an operator decides what becomes of parked messages.
///
/// What is decided is noted before and after it is done. A message that was decided on stays so: to
/// ask again does nothing. A daemon that dies between the replay and its note leaves the message
/// parked, and a second replay repeats the first answer, as with any message that comes twice.
package struct ParkingDesk: Sendable {
    private let messages: any ParkedMessages
    private let replay: MessageReplay

    /// What was asked for cannot be done.
    package enum Refusal: Error, Equatable, Sendable {
        /// No such message.
        case notFound
        /// It was decided on before, in another way.
        case decided(ParkedRow.State)
    }

    /// - Parameters:
    ///   - messages: those that are parked.
    ///   - replay: handles one of them.
    package init(messages: any ParkedMessages, replay: MessageReplay) {
        self.messages = messages
        self.replay = replay
    }

    /// - Returns: parked messages, newest first.
    package func list(
        state: ParkedRow.State?, before: Int64?, limit: Int
    ) async throws -> [ParkedRow] {
        try await messages.list(state: state, before: before, limit: limit)
    }

    /// - Returns: all that is known of one; nil where there is none.
    package func find(_ id: Int64) async throws -> ParkedRecord? { try await messages.find(id) }

    /// Tells what a replay would do.
    ///
    /// - Parameter believing: whether the operator vouches for the sender.
    /// - Throws: ``Refusal``.
    package func rehearse(_ id: Int64, believing: Bool) async throws -> ReplayOutcome {
        guard let record = try await messages.find(id) else { throw Refusal.notFound }
        guard record.row.state == .parked else { return Self.done(record.row.state) }
        return try await replay.rehearse(record.delivery, believing)
    }

    /// Has the message handled.
    ///
    /// - Parameters:
    ///   - caller: who decided it.
    ///   - believing: whether they vouch for the sender.
    /// - Throws: ``Refusal``.
    package func replay(
        _ id: Int64, by caller: String, believing: Bool
    ) async throws -> ReplayOutcome {
        guard let record = try await messages.find(id) else { throw Refusal.notFound }
        switch record.row.state {
        case .parked: break
        case .replayed: return Self.done(.replayed)
        case .discarded: throw Refusal.decided(.discarded)
        }
        let action = try await messages.begin(.replay, on: id, by: caller)
        let outcome: ReplayOutcome
        do {
            outcome = try await replay.replay(record.delivery, believing)
        } catch {
            try await messages.end(action, on: id, result: "failed: \(error)", state: nil)
            throw error
        }
        try await messages.end(
            action, on: id, result: outcome.words, state: outcome.isHandled ? .replayed : nil)
        return outcome
    }

    /// Decides that the message will never be handled. It is kept.
    ///
    /// - Parameter caller: who decided it.
    /// - Throws: ``Refusal``.
    package func discard(_ id: Int64, by caller: String) async throws -> ReplayOutcome {
        guard let record = try await messages.find(id) else { throw Refusal.notFound }
        switch record.row.state {
        case .parked: break
        case .discarded: return Self.done(.discarded)
        case .replayed: throw Refusal.decided(.replayed)
        }
        let action = try await messages.begin(.discard, on: id, by: caller)
        try await messages.end(action, on: id, result: "discarded", state: .discarded)
        return ReplayOutcome(isHandled: true, words: "discarded")
    }

    private static func done(_ state: ParkedRow.State) -> ReplayOutcome {
        ReplayOutcome(isHandled: true, words: "was \(state.rawValue) before: nothing to do")
    }
}
