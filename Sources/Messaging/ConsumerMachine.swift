/// What became of one message.
package enum Verdict: Sendable, Equatable {
    /// Its effect is committed, or was before: it may be acknowledged.
    case handled
    /// It cannot be handled, now or ever: it is kept aside with the reason.
    case park(reason: String)
}

/// Decides how a batch of messages is handled. It knows neither database nor broker nor clock.
///
/// Its guarantees: a batch is acknowledged only when each of its messages is either handled or
/// parked; a fault that may pass is waited out with everything held; and one message that cannot be
/// handled holds up no other, since a batch that fails for good is tried one by one.
package struct ConsumerMachine: Sendable {
    /// What the driver is to do; it reports back with the method of the like name.
    package enum Action: Sendable, Equatable {
        /// Handle the messages at these positions in one transaction.
        case handle([Int])
        /// Keep these aside, with the reason.
        case park([Parked])
        /// Do nothing for so long.
        case rest(Duration)
        /// Tell the broker that the batch is done with.
        case acknowledge
    }

    /// A message to be kept aside.
    package struct Parked: Sendable, Equatable {
        /// Its place in the batch.
        package let position: Int
        /// One line for the operator.
        package let reason: String

        /// - Parameters: as the properties.
        package init(position: Int, reason: String) {
            self.position = position
            self.reason = reason
        }
    }

    private var waiting: [[Int]]
    private var toPark: [Parked]
    private var backoff: Backoff
    private var restDue: Duration?
    private var failures = 0

    /// Failures after which a batch is no longer tried as one: one message's locked account must
    /// not hold the others.
    private static let patience = 3

    /// - Parameters:
    ///   - faults: for each message of the batch why it cannot be read, or nil where it can.
    ///   - backoff: the rests after faults that may pass.
    package init(faults: [String?], backoff: Backoff = .brief) {
        let readable = faults.indices.filter { faults[$0] == nil }
        waiting = readable.isEmpty ? [] : [readable]
        toPark = faults.enumerated().compactMap { position, fault in
            fault.map { Parked(position: position, reason: $0) }
        }
        self.backoff = backoff
    }

    /// What to do now.
    package var action: Action {
        if let restDue { return .rest(restDue) }
        if let positions = waiting.first { return .handle(positions) }
        return toPark.isEmpty ? .acknowledge : .park(toPark)
    }

    /// The messages that were to be handled were, with these verdicts, in order.
    package mutating func handled(_ verdicts: [Verdict]) {
        precondition(waiting.first?.count == verdicts.count, "a verdict for each message")
        for (position, verdict) in zip(waiting.removeFirst(), verdicts) {
            if case .park(let reason) = verdict {
                toPark.append(Parked(position: position, reason: reason))
            }
        }
        backoff.reset()
    }

    /// What was tried failed for now: it is tried again after a rest, in the end one by one, each
    /// that fails going behind the others.
    package mutating func failedForNow() {
        restDue = backoff.next()
        failures += 1
        guard failures >= Self.patience, !waiting.isEmpty else { return }
        let stuck = waiting.removeFirst()
        if stuck.count == 1 {
            waiting.append(stuck)
        } else {
            waiting.insert(contentsOf: stuck.map { [$0] }, at: 0)
        }
    }

    /// Handling failed for good: the messages are taken one by one, and one that fails alone is
    /// parked.
    package mutating func failedForGood(reason: String) {
        guard !waiting.isEmpty else { return failedForNow() }
        let positions = waiting.removeFirst()
        if positions.count == 1 {
            toPark += positions.map { Parked(position: $0, reason: reason) }
        } else {
            waiting.insert(contentsOf: positions.map { [$0] }, at: 0)
        }
    }

    /// The rest is over.
    package mutating func rested() { restDue = nil }

    /// The messages are kept aside.
    package mutating func parked() {
        toPark = []
        backoff.reset()
    }
}
