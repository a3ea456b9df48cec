import NIOCore

/// What one request may be, and how many there may be: the bounds that a router holds.
package struct RequestLimits: Sendable {
    /// Bytes of a body.
    package var bodyBytes = requestBodyLimit
    /// How deep a body's arrays and objects may nest.
    package var jsonDepth = 16
    /// Requests that are worked on at the same time.
    package var atOnce = Self.atOnceByCores
    /// Requests a second and client; 0 for no bound.
    package var rate = 0.0
    /// Requests that a client may make at once after a rest.
    package var burst = 1

    /// Few enough for each to be answered soon (some 120 ms at the most that two cores can do, by
    /// Little's law), and enough for three full messages from the gateway to Orders, two under way
    /// and one that gathers: under a flood large batches are what pays for the refusals.
    package static let atOnceByCores = max(3 * MessageBatch.countLimit, 384 * System.coreCount)

    /// The defaults.
    package init() {}
}
