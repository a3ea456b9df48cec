/// One source of data and how fresh it is.
package struct Feed: Sendable {
    /// What is fed.
    package enum Name: Int, Hashable, Sendable, CaseIterable {
        case orders, accounts, health, totals, books
    }

    /// A time without answers.
    package struct Outage: Hashable, Sendable {
        /// Monotonic time of the first failure.
        package let since: Instant
        /// Failures in a row.
        package internal(set) var tries: Int
        /// When it is tried again, monotonic.
        package internal(set) var retryAt: Instant
        /// The last failure.
        package internal(set) var failure: Failure
    }

    /// When the last good answer came; nil before the first.
    package internal(set) var goodAt: Instant?
    /// When the question under way was asked.
    package internal(set) var askedAt: Instant?
    /// The question under way.
    var asked: Request?
    /// Set while answers fail: the data is stale.
    package internal(set) var outage: Outage?
    /// When to ask next.
    package internal(set) var dueAt: Instant = 0
    /// Milliseconds that the last answer took.
    package internal(set) var latency: Int64 = 0
    /// Bytes of the last answer.
    package internal(set) var bytes = 0
    /// Answers so far.
    package internal(set) var answers = 0

    /// Milliseconds since the last good answer; nil before the first.
    package func age(at now: Instant) -> Int64? { goodAt.map { max(0, now &- $0) } }
}

/// How the screen stands with the gateway.
package enum Connection: Hashable, Sendable {
    case connecting
    case live
    case lost(Feed.Outage)
}
