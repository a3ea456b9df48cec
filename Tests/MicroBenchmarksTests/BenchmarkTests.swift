import MicroBenchmarks
import Testing

@Suite struct BenchmarkTests {
    @Test func `every benchmark and every yardstick runs`() throws {
        for benchmark in try Benchmark.all {
            try benchmark.work(2)
            try benchmark.yardstick?.work(2)
        }
    }

    @Test func `names are their own, and made to be typed`() throws {
        let names = try Benchmark.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0 == "-" || $0.isLowercase } })
    }

    @Test func `the beginning of a name stands for all that begin so`() throws {
        let names = try Benchmark.named("time,money-write").map(\.name)
        #expect(names == ["money-write", "time-read", "time-write"])
    }

    @Test func `a name that no benchmark has is told`() throws {
        let error = #expect(throws: UnknownBenchmark.self) { try Benchmark.named("time,nothing") }
        #expect(error?.name == "nothing")
    }

    @Test func `a benchmark is sampled in turn with its yardstick, and its allocations counted`()
        throws
    {
        var asked: UInt64 = 0
        let stopwatch = Stopwatch(budget: .milliseconds(2)) {
            asked += 128
            return asked
        }
        let benchmark = try #require(try Benchmark.named("id-read").first)
        let finding = try stopwatch.measure(benchmark)
        #expect(finding.name == "id-read")
        #expect(finding.own.nanoseconds.least > 0)
        #expect(finding.own.nanoseconds.median <= finding.own.nanoseconds.p90)
        #expect(finding.own.allocations == 2)
        #expect(finding.yardstick == "UUID")
        #expect(try #require(finding.ratio) > 0)
    }
}
