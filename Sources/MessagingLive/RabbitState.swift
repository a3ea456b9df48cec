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

    /// Passes where the broker takes and gives messages.
    ///
    /// - Throws: ``BrokerUnavailable`` that says why not.
    package func require() throws(BrokerUnavailable) {
        switch self {
        case .connected: return
        case .connecting(let since, let reason):
            throw BrokerUnavailable(
                description: "connecting since \(since)\(reason.map { ": \($0)" } ?? "")")
        case .blocked(let reason): throw BrokerUnavailable(description: "blocked: \(reason)")
        case .closed: throw BrokerUnavailable(description: "closed")
        }
    }
}

/// Why the broker is of no use now.
package struct BrokerUnavailable: TransientFault, CustomStringConvertible {
    /// For people; without any password.
    package let description: String
    /// Always: connecting goes on for ever.
    package let isTransient = true
}
