/// What happened per second of the server's clock, for the last ``span`` seconds.
package struct Rates: Sendable {
    /// One second.
    package struct Second: Hashable, Sendable {
        /// Orders placed.
        package internal(set) var placed = 0
        package internal(set) var paid = 0
        package internal(set) var failed = 0
        /// The median settle time in microseconds; nil where nothing settled.
        package internal(set) var settle: Int64?
    }

    /// Percentiles of the settle time in microseconds.
    package struct Percentiles: Hashable, Sendable {
        package let p50: Int64
        package let p95: Int64
        package let p99: Int64
    }

    /// Seconds kept.
    package static let span = 120

    /// Orders seen open; those that have left the memory are not counted.
    package internal(set) var pending = 0
}
