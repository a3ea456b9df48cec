/// Token buckets, one for each client, in a table of bounded size. Pure: it is told the time.
///
/// A bucket is kept as the moment at which it would be full again (the generic cell rate
/// algorithm, ITU-T I.371), so a bucket that is full need not be kept at all: the table holds only
/// clients that spent something lately.
package struct TokenBuckets<Client: Hashable & Sendable>: Sendable {
    /// What the clock says; only differences count.
    package typealias Instant = ContinuousClock.Instant

    private let interval: Duration
    private let depth: Duration
    private let capacity: Int
    private var fullAt: [Client: Instant] = [:]
    /// The one bucket of all clients for whom the table has no room.
    private var crowdFullAt: Instant?
    private var nextSweep: Instant?

    /// - Parameters:
    ///   - rate: tokens a second that a bucket regains; above 0.
    ///   - burst: tokens in a full bucket; 1 or more.
    ///   - capacity: clients that have a bucket of their own at the same time.
    package init(rate: Double, burst: Int, capacity: Int = 10_000) {
        precondition(rate > 0 && burst >= 1 && capacity >= 1)
        interval = .seconds(1 / rate)
        depth = interval * burst
        self.capacity = capacity
    }

    /// How many clients have a bucket of their own now.
    package var count: Int { fullAt.count }

    /// Takes a token out of a client's bucket.
    ///
    /// - Returns: nil where there was one, else how long until there is.
    package mutating func take(_ client: Client, at now: Instant) -> Duration? {
        let isKnown = fullAt[client] != nil
        if !isKnown, fullAt.count >= capacity { sweep(now) }
        guard isKnown || fullAt.count < capacity else {
            return spend(&crowdFullAt, at: now)
        }
        var bucket = fullAt[client]
        let wait = spend(&bucket, at: now)
        fullAt[client] = bucket
        return wait
    }

    private func spend(_ bucket: inout Instant?, at now: Instant) -> Duration? {
        let next = max(bucket ?? now, now) + interval
        let wait = next - now - depth
        guard wait <= .zero else { return wait }
        bucket = next
        return nil
    }

    /// Drops the full buckets. At most once a second: a flood of new clients must not make every
    /// request pay for a walk over the table.
    private mutating func sweep(_ now: Instant) {
        if let nextSweep, now < nextSweep { return }
        nextSweep = now + .seconds(1)
        fullAt = fullAt.filter { $0.value > now }
    }
}
