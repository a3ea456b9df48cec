package import SharedKernel

/// How an adapter stands with its broker: what readiness reports.
package enum RabbitState: Sendable, Equatable {
    /// A connection is open and takes or gives messages.
    case connected
    /// There is none, since when and, after a failure, why. Tries go on for ever.
    case connecting(since: Timestamp, reason: String?)
    /// The broker has an alarm and takes no messages, in its words.
    case blocked(reason: String)
    /// Closed by this side, for good.
    case closed
}
