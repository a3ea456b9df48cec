/// Milliseconds on a clock that never goes back; events bring it, so that tests own time.
package typealias Instant = Int64

/// What an event says about time.
package struct Moment: Equatable, Sendable {
    /// Milliseconds of the monotonic clock.
    package let now: Instant
    /// Milliseconds since 1970, for showing the time of day.
    package let wall: Int64

    /// - Parameters: as the properties.
    package init(now: Instant, wall: Int64) {
        self.now = now
        self.wall = wall
    }
}
