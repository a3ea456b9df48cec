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

    /// Enough to keep every core and the database busy, few enough for each to be answered soon:
    /// beyond what a daemon can do, more at once only makes all of them slower (Little's law).
    package static let atOnceByCores = max(128, 64 * System.coreCount)

    /// The defaults.
    package init() {}
}
