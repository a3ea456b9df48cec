/// Decides what the relay does next. It knows neither database nor broker nor clock.
///
/// Its guarantee: a row goes only when the broker has confirmed it, and a pass that failed is
/// followed by a rest that no wake-up cuts short.
package struct RelayMachine: Sendable {
    /// What the driver is to do.
    package enum Action: Sendable, Equatable {
        /// Make a pass over the outbox.
        case pass
        /// Do nothing for so long, or until a commit rings.
        case idle(Duration)
        /// Do nothing for so long, whoever rings.
        case recover(Duration)
    }

    private let batchLimit: Int
    private let pollInterval: Duration
    private var backoff: Backoff

    /// - Parameters:
    ///   - batchLimit: rows that a pass claims at most.
    ///   - pollInterval: how long an idle relay trusts the bell before it looks by itself.
    ///   - backoff: the rests after passes that failed.
    package init(
        batchLimit: Int, pollInterval: Duration, backoff: Backoff = .brief
    ) {
        self.batchLimit = batchLimit
        self.pollInterval = pollInterval
        self.backoff = backoff
    }

    /// A pass ended well: a full one tells that more waits.
    package mutating func passed(claimed: Int) -> Action {
        backoff.reset()
        return claimed >= batchLimit ? .pass : .idle(pollInterval)
    }

    /// A pass failed: database or broker are away, and are likely to stay so for a moment.
    package mutating func failed() -> Action { .recover(backoff.next()) }

    /// A rest is over.
    package func rested() -> Action { .pass }

    /// What becomes of a row, by the broker's word on it.
    ///
    /// A message without a queue (its consumer never ran, or the queue was deleted) is put off,
    /// longer each time, so that it does not keep the messages behind it from being claimed.
    package static func disposition(
        of message: OutboxMessage, after outcome: PublishOutcome
    ) -> OutboxDisposition {
        switch outcome {
        case .confirmed: .delete
        case .returned, .refused:
            .postpone(
                Backoff.bound(
                    after: message.attempts, initial: .milliseconds(500), cap: .seconds(30)))
        }
    }
}
