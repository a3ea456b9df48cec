import JSON
import MicroBenchmarks
import Testing

@Suite struct ReportTests {
    private static func cost(_ samples: [Double], allocations: Double) throws -> Finding.Cost {
        Finding.Cost(
            nanoseconds: try #require(Statistics(samples)), allocations: allocations)
    }

    private static func compared() throws -> Finding {
        Finding(
            name: "money-read", own: try cost([20, 30, 1_204.4], allocations: 1.5),
            yardstick: "Decimal", other: try cost([60], allocations: 4), instructions: 99.96)
    }

    @Test
    func `the table has a line for each, its figures in columns, dashes for what is not known`()
        throws
    {
        let alone = Finding(
            name: "id", own: try Self.cost([0.06, 99.94, 99.96], allocations: 0))
        let report = Report([try Self.compared(), alone])
        #expect(
            report.table == """
                BENCHMARK     NS  MIN   P90  ALLOCS  INSTR  YARDSTICK  NS  ALLOCS  RATIO
                money-read    30   20  1204     1.5    100  Decimal    60       4   0.50
                id          99.9  0.1   100       0      -  -           -       -      -
                """)
    }

    @Test func `the JSON has the same figures, unrounded`() throws {
        let json = Report([try Self.compared()]).json
        #expect(
            json.text == #"[{"name":"money-read","median_ns":30.0,"min_ns":20.0,"p90_ns":1204.4,"#
                + #""allocations":1.5,"instructions":99.96,"yardstick":{"name":"Decimal","#
                + #""median_ns":60.0,"min_ns":60.0,"p90_ns":60.0,"allocations":4.0},"ratio":0.5}]"#)
    }
}
