/// Ever longer waits between tries, with full jitter, so that many who fail together do not try
/// again together.
package struct Backoff: Sendable, Equatable {
    private let initial: Duration
    private let cap: Duration
    private var failures = 0

    /// - Parameters:
    ///   - initial: the bound of the first wait.
    ///   - cap: the bound of every later one.
    package init(initial: Duration = .milliseconds(100), cap: Duration = .seconds(30)) {
        self.initial = initial
        self.cap = cap
    }

    /// The wait before the next try: between half of the bound and the whole, the bound doubling
    /// each time.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let bound = Self.bound(after: failures, initial: initial, cap: cap)
        failures += 1
        return bound / 2 + bound / 2 * Double.random(in: 0...1, using: &generator)
    }

    /// The wait before the next try, by the system's random numbers.
    package mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// Forgets the failures: something worked.
    package mutating func reset() { failures = 0 }

    /// The longest wait after that many failures.
    package static func bound(after failures: Int, initial: Duration, cap: Duration) -> Duration {
        min(cap, initial * (1 << min(failures, 20)))
    }
}
