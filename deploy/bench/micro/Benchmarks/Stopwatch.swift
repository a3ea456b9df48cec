/// Takes the time of benchmarks, and counts what they allocate.
package struct Stopwatch {
    private let budget: Duration
    private let clock = ContinuousClock()
    private let allocations: () -> UInt64

    /// Long against reading the clock, short against being interrupted.
    private static let batchTime: Duration = .microseconds(100)

    /// - Parameters:
    ///   - budget: how long a benchmark is measured, its yardstick included.
    ///   - allocations: how often this thread has asked for memory so far.
    package init(budget: Duration, allocations: @escaping () -> UInt64) {
        self.budget = budget
        self.allocations = allocations
    }

    /// Warms up, then takes a sample of the operation and one of its yardstick in turn until the
    /// budget is spent: what slows the machine down meets both.
    ///
    /// - Throws: what the operation throws.
    package func measure(_ benchmark: Benchmark) throws -> Finding {
        var own = try Series(benchmark.work, self)
        var other = try benchmark.yardstick.map { try Series($0.work, self) }
        let end = clock.now + budget
        repeat {
            try own.sample()
            try other?.sample()
        } while clock.now < end
        return Finding(
            name: benchmark.name, own: try own.cost(), yardstick: benchmark.yardstick?.name,
            other: try other?.cost())
    }

    /// One operation's samples.
    private struct Series {
        private let work: Benchmark.Work
        private let watch: Stopwatch
        private var iterations = 1
        private var samples: [Double] = []

        /// Doubles the iterations of a sample until it is long enough, which warms up as well.
        init(_ work: @escaping Benchmark.Work, _ watch: Stopwatch) throws {
            self.work = work
            self.watch = watch
            try work(1)
            let end = watch.clock.now + watch.budget / 10
            while true {
                let time = try watch.clock.measure { try work(iterations) }
                if time < Stopwatch.batchTime {
                    iterations *= 2
                } else if watch.clock.now >= end {
                    break
                }
            }
        }

        mutating func sample() throws {
            let time = try watch.clock.measure { try work(iterations) }
            samples.append(time / .nanoseconds(1) / Double(iterations))
        }

        func cost() throws -> Cost {
            let count = 64
            let before = watch.allocations()
            try work(count)
            let allocations = Double(watch.allocations() - before) / Double(count)
            guard let nanoseconds = Statistics(samples) else { throw Unexpected() }
            return Cost(nanoseconds: nanoseconds, allocations: allocations)
        }

        typealias Cost = Finding.Cost
    }
}
