@testable import KassaStack
import Testing

@Suite struct DemoTests {
    @Test func `a shop without customers begins with one`() {
        var generator = SystemRandomNumberGenerator()
        #expect(Happening.next(customers: 0, using: &generator) == .newCustomer)
    }

    @Test func `every kind of happening comes up, failures too`() {
        var generator = SystemRandomNumberGenerator()
        let happenings = (0..<2_000).map { _ in
            Happening.next(customers: 10, using: &generator)
        }
        #expect(happenings.contains(.newCustomer))
        #expect(happenings.contains(.hugeOrder))
        #expect(happenings.contains(.strangersOrder))
        #expect(happenings.contains { if case .deposit = $0 { true } else { false } })
        #expect(happenings.contains { if case .order = $0 { true } else { false } })
    }

    @Test(arguments: [(1, "0.01"), (10, "0.10"), (1_205, "12.05"), (999_999_999, "9999999.99")])
    func `cents are written exactly`(cents: Int, text: String) {
        #expect(DemoShop.amount(cents) == text)
    }

    @Test func `the table lines up`() {
        let table = Report.table([
            Report.Row(
                process: "orders", pid: 12, address: "127.0.0.1:8001", health: "healthy",
                restarts: 0),
            Report.Row(process: "x", pid: nil, address: "-", health: "down", restarts: 3),
        ])
        #expect(
            table == """
                PROCESS  PID  ADDRESS         RESTARTS  HEALTH
                orders   12   127.0.0.1:8001  0         healthy
                x        -    -               3         down
                """)
    }
}
