import Testing
import TestSupport
@Suite struct Probe {
    @Test func `a shared stack gives databases and a broker`() async throws {
        let stack = try await TestStack.shared()
        let url = try await stack.freshDatabase()
        #expect(url.contains("test_"))
        #expect(try await stack.rabbitmqctl("list_queues").isEmpty)
    }
    @Test func `own broker dies and comes back`() async throws {
        let stack = try await TestStack.ownStack()
        try await stack.killBroker()
        try await stack.startBroker()
        try await stack.restartPostgresImmediately()
        #expect(try await stack.psql("select 1") == "1\n")
        await stack.stop()
    }
}
