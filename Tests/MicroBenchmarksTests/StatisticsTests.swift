import MicroBenchmarks
import Testing

@Suite struct StatisticsTests {
    @Test(
        arguments: [
            ([7], 7, 7, 7), ([3, 1], 1, 2, 3), ([5, 1, 9], 1, 5, 9),
            ([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 1, 5.5, 9),
            ([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 1, 6, 10),
        ] as [([Double], Double, Double, Double)])
    func `samples come to their least, their middle and what nine of ten do not exceed`(
        samples: [Double], least: Double, median: Double, p90: Double
    ) throws {
        let statistics = try #require(Statistics(samples))
        #expect(statistics.least == least)
        #expect(statistics.median == median)
        #expect(statistics.p90 == p90)
    }

    @Test func `no samples come to nothing`() {
        #expect(Statistics([]) == nil)
    }
}
