import KassaModel
import Testing

struct CentsTests {
    @Test(arguments: [
        (Int64(0), "0.00", "0.00"), (5, "0.05", "0.05"), (-150, "-1.50", "-1.50"),
        (123_456, "1234.56", "1 234.56"), (100_000_000, "1000000.00", "1 000 000.00"),
        (.min, "-92233720368547758.08", "-92 233 720 368 547 758.08"),
    ])
    func `cents print with two decimals`(value: Int64, plain: String, grouped: String) {
        #expect(Cents(value).description == plain)
        #expect(Cents(value).grouped == grouped)
    }

    @Test func `adding beyond 64 bits stops at the bound`() {
        #expect(Cents(.max).adding(Cents(1)) == Cents(.max))
        #expect(Cents(.min).adding(Cents(-1)) == Cents(.min))
        #expect(Cents(1).adding(Cents(2)) == Cents(3))
    }
}
