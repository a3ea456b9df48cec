import LocalStack
import Testing

@Suite struct PortPlanTests {
    @Test func `free ports are the preferred ones`() throws {
        let plan = try PortPlan.choose { _ in true }
        for use in PortUse.allCases { #expect(plan[use] == use.preferred) }
    }

    @Test func `a taken port gives way without taking another's`() throws {
        let plan = try PortPlan.choose { $0 != 8_000 }
        #expect(plan[.gateway] == 8_003)
        #expect(plan[.orders] == 8_001)
        #expect(plan[.payments] == 8_002)
    }

    @Test func `no port is given twice`() throws {
        let crowded = try PortPlan.choose { ![8_000, 8_001, 8_002].contains($0) }
        #expect(Set(crowded.ports.values).count == PortUse.allCases.count)
        let scattered = try PortPlan.scattered { $0.isMultiple(of: 4) }
        #expect(Set(scattered.ports.values).count == PortUse.allCases.count)
    }

    @Test func `a machine without a free port is an error that names the use`() {
        let error = #expect(throws: StackError.self) { try PortPlan.choose { $0 > 60_000 } }
        #expect(error?.description.contains("postgres") == true)
        #expect(throws: StackError.self) { try PortPlan.scattered { _ in false } }
    }

    @Test func `preferred ports are away from those of Debian's services`() {
        let preferred = Set(PortUse.allCases.map(\.preferred))
        #expect(preferred.isDisjoint(with: [5_432, 5_672, 25_672, 4_369, 15_672]))
        #expect(preferred.count == PortUse.allCases.count)
    }
}
