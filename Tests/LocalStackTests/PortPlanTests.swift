import Foundation
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
    }

    @Test func `stacks side by side are given no port in common, though none listens yet`() throws {
        let plans = try (0..<100).map { _ in try PortPlan.scattered() }
        #expect(Set(plans.flatMap(\.ports.values)).count == 100 * PortUse.allCases.count)
    }

    @Test func `a port that is claimed is no other process's either`() throws {
        let port = try FreePort.any()
        let elsewhere = """
            import fcntl
            file = open("/tmp/kassa-ports.lock", "r+")
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, \(port))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", elsewhere]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
    }

    @Test func `a machine without a free port is an error that names the use`() {
        let error = #expect(throws: StackError.self) { try PortPlan.choose { $0 > 60_000 } }
        #expect(error?.description.contains("postgres") == true)
    }

    @Test func `preferred ports are away from those of Debian's services`() {
        let preferred = Set(PortUse.allCases.map(\.preferred))
        #expect(preferred.isDisjoint(with: [5_432, 5_672, 25_672, 4_369, 15_672]))
        #expect(preferred.count == PortUse.allCases.count)
    }
}
