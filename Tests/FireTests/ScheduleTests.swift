import Testing

@testable import Fire

@Suite struct ScheduleTests {
    private func salvos(_ count: Int, seed: UInt64) -> [[Strike]] {
        var schedule = Schedule(seed: seed, kinds: FaultKind.allCases)
        return (0..<count).map { _ in schedule.next() }
    }

    @Test func `the same seed is the same schedule, another seed another one`() {
        #expect(salvos(50, seed: 7) == salvos(50, seed: 7))
        #expect(salvos(50, seed: 7) != salvos(50, seed: 8))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `every kind comes before any kind comes twice`(seed: UInt64) {
        let first = salvos(60, seed: seed).flatMap(\.self).prefix(FaultKind.allCases.count)
        // A kind may be passed over for one salvo, and the next deck begin meanwhile.
        #expect(Set(first.map(\.kind)).count >= FaultKind.allCases.count - 2)
    }

    @Test func `faults that come together take hold of different parts`() {
        for salvo in salvos(200, seed: 3) {
            #expect((1...3).contains(salvo.count))
            #expect(Set(salvo.map(\.kind.ground)).count == salvo.count)
        }
    }
}
