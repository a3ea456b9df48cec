/// How long Orders waits for the end of an order before it announces the order again.
///
/// A message can be lost after the broker has confirmed it: with a queue that is purged or deleted,
/// or with the broker's disk. Announcing again is harmless, for Payments tells of an order it
/// decided what it told before. But where Payments is merely slow, more messages make it slower:
/// hence ever longer waits, and chance, so that orders lost together do not come together.
package struct Patience: Hashable, Sendable {
    /// The wait after the first announcement.
    package let first: Duration
    /// The longest wait.
    package let longest: Duration

    /// - Parameters: as the properties; both longer than zero, the second not less than the first.
    package init(first: Duration, longest: Duration = .seconds(3_600)) {
        precondition(first > .zero)
        self.first = first
        self.longest = max(first, longest)
    }

    /// The wait after an order was announced so often: twice as long each time, up to a half of it
    /// left to chance; never less than the first.
    ///
    /// - Parameter announcements: 1 or more.
    package func wait(
        afterAnnouncements announcements: Int, using chance: inout some RandomNumberGenerator
    ) -> Duration {
        guard announcements > 1 else { return first }
        let bound = min(longest, first * (1 << min(announcements - 1, 20)))
        return max(first, bound / 2 + bound / 2 * Double.random(in: 0...1, using: &chance))
    }
}
