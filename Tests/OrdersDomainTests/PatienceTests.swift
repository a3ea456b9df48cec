import OrdersDomain
import TestDoubles
import Testing

@Suite struct PatienceTests {
    private let patience = Patience(first: .seconds(30))

    private func wait(_ announcements: Int, seed: UInt64 = 1) -> Duration {
        var chance = SeededGenerator(seed: seed)
        return patience.wait(afterAnnouncements: announcements, using: &chance)
    }

    @Test func `the first wait is as it was set, the later ones double, with chance`() {
        #expect(wait(1) == .seconds(30))
        for seed in 1...50 as ClosedRange<UInt64> {
            for (announcements, bound) in [(2, 60), (3, 120), (4, 240), (7, 1_920)] {
                let wait = wait(announcements, seed: seed)
                #expect(wait >= .seconds(bound) / 2 && wait <= .seconds(bound))
            }
        }
        let waits = Set((1...50).map { wait(3, seed: $0) })
        #expect(waits.count > 40, "orders that were lost together do not come together")
    }

    @Test func `no wait is longer than the longest, however often an order was announced`() {
        for announcements in [8, 20, 64, 1_000, .max] {
            #expect(wait(announcements) <= .seconds(3_600))
            #expect(wait(announcements) >= .seconds(1_800))
        }
    }

    @Test func `a patience beyond the longest stays what it is`() {
        let patience = Patience(first: .seconds(7_200))
        var chance = SeededGenerator(seed: 1)
        for announcements in 1...5 {
            #expect(
                patience.wait(afterAnnouncements: announcements, using: &chance)
                    == .seconds(7_200))
        }
    }
}
