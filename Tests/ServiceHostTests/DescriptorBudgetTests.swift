import ArgumentParser
import Testing

@testable import ServiceHost

@Suite struct DescriptorBudgetTests {
    @Test func `where there is room for all, as many come in as were asked for`() throws {
        let budget = DescriptorBudget(granted: 65_536, own: 128)
        #expect(try budget.connections(wanted: 1_024, others: 256) == 1_024)
    }

    @Test func `own descriptors, other doors and the reserve come first`() throws {
        let budget = DescriptorBudget(granted: 1_024, own: 128)
        let door = try budget.connections(wanted: 1_024, others: 256)
        #expect(door == 1_024 - 128 - 256 - HTTPServer.Limits.reserve)
    }

    @Test func `where hardly any would be left, the daemon does not start`() {
        let budget = DescriptorBudget(granted: 463, own: 128)
        #expect(throws: ConfigurationFault.self) {
            try budget.connections(wanted: 1_024, others: 256)
        }
        #expect(throws: Never.self) { try budget.connections(wanted: 8, others: 256) }
    }

    @Test func `while all places are taken there are connections for as many refusals`() throws {
        let limits = try LimitOptions.parse([]).resolve(
            defaultRate: 0, descriptors: DescriptorBudget(granted: 65_536, own: 128),
            from: SettingSources(environment: [:]))
        #expect(limits.server.connections >= 2 * limits.requests.atOnce)
        #expect(limits.requests.atOnce >= 3 * MessageBatch.countLimit)
    }

    @Test func `a claim takes what the system grants`() {
        #expect(DescriptorBudget.claim(own: 1).granted >= 1_024)
    }
}
