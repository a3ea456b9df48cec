import LocalStack
import TestSupport
import Testing

/// The servers that the other tests stand on.
@Suite struct TestStackTests {
    @Test func `a shared stack gives databases and a broker`() async throws {
        let stack = try await TestStack.shared()
        let one = try await stack.freshDatabase()
        let two = try await stack.freshDatabase()
        #expect(one != two)
        #expect(try await stack.rabbitmqctl("list_vhosts").contains("/"))
        #expect(await HealthProbe.amqp(port: stack.brokerPort) == .healthy)
    }

    @Test func `servers of one's own die when told and come back`() async throws {
        let stack = try await TestStack.ownStack()
        try await stack.killBroker()
        #expect(await HealthProbe.amqp(port: stack.brokerPort) == .unhealthy("nobody listens"))
        try await stack.startBroker()
        #expect(await HealthProbe.amqp(port: stack.brokerPort) == .healthy)
        let started = try await stack.psql("SELECT pg_postmaster_start_time()")
        try await stack.restartPostgresImmediately()
        #expect(try await stack.psql("SELECT pg_postmaster_start_time()") != started)
        await stack.stop()
        #expect(await HealthProbe.amqp(port: stack.brokerPort) == .unhealthy("nobody listens"))
    }
}
