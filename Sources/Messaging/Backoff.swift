/// Ever longer waits between tries, with full jitter, so that many who fail together do not try
/// again together.
package struct Backoff: Sendable {
    private let initial: Duration
    private let cap: Duration
    private let jitter: @Sendable () -> Double
    private var failures = 0

    /// - Parameters:
    ///   - initial: the bound of the first wait.
    ///   - cap: the bound of every later one.
    ///   - jitter: draws a number from 0 to 1; a test's may be seeded.
    package init(
        initial: Duration = .milliseconds(100), cap: Duration = .seconds(30),
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.initial = initial
        self.cap = cap
        self.jitter = jitter
    }

    /// For a database or broker that is expected back in a moment: 5 seconds at most.
    package static var brief: Backoff { Backoff(cap: .seconds(5)) }

    /// The wait before the next try: between half of the bound and the whole, the bound doubling
    /// each time.
    package mutating func next() -> Duration {
        let bound = Self.bound(after: failures, initial: initial, cap: cap)
        failures += 1
        return bound / 2 + bound / 2 * jitter()
    }

    /// Forgets the failures: something worked.
    package mutating func reset() { failures = 0 }

    /// The longest wait after that many failures.
    package static func bound(after failures: Int, initial: Duration, cap: Duration) -> Duration {
        min(cap, initial * (1 << min(failures, 20)))
    }
}
