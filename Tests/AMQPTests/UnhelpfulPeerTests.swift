import AMQP
import Glibc
import Logging
import Testing
import TestSupport

/// Peers that hang a naive client for ever. Every one of these ends by a deadline of ours.
@Suite(.timeLimit(.minutes(1)))
struct UnhelpfulPeerTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func limits(
        connect: Duration = .seconds(5), confirm: Duration = .seconds(2), heartbeat: UInt16 = 10
    ) -> AMQPLimits {
        var limits = AMQPLimits()
        limits.connect = connect
        limits.confirm = confirm
        limits.heartbeat = heartbeat
        return limits
    }

    private static func open(
        _ broker: ScriptedBroker, _ limits: AMQPLimits
    ) async throws -> AMQPConnection {
        let url = try BrokerURL("amqp://shop:s3cret@127.0.0.1:\(broker.port)/")
        return try await AMQPConnection.open(url, name: "test", limits: limits, logger: logger)
    }

    private static func failure(
        _ work: () async throws -> Void
    ) async -> (error: AMQPError?, took: Duration) {
        let begun = ContinuousClock.now
        do {
            try await work()
            return (nil, .now - begun)
        } catch {
            return (error as? AMQPError, .now - begun)
        }
    }

    private static func message(bytes: Int) -> AMQPMessage {
        AMQPMessage(queue: "q", body: Array(repeating: 120, count: bytes), messageID: "m")
    }

    @Test func `a listener that never answers is given up at the deadline`() async throws {
        let broker = try ScriptedBroker(.mute)
        defer { broker.stop() }
        let (error, took) = await Self.failure {
            _ = try await Self.open(broker, Self.limits(connect: .seconds(1)))
        }
        #expect(error?.code == .unreachable)
        #expect(error?.isTransient == true)
        #expect(error?.description.contains("s3cret") == false)
        #expect(took > .milliseconds(900) && took < .seconds(10), "\(took)")
    }

    @Test func `an address where nobody listens fails at once and says where`() async throws {
        let broker = try ScriptedBroker(.mute)
        broker.stop()
        try await eventually {
            await Self.failure { _ = try await Self.open(broker, Self.limits()) }
                .error?.description.contains("127.0.0.1:\(broker.port)") == true
        }
    }

    @Test func `a publish into full buffers of a silent peer returns at its deadline`()
        async throws
    {
        let broker = try ScriptedBroker(.silentAfterHandshake)
        defer { broker.stop() }
        // The heartbeat is long, so that nothing but the deadline can end it.
        let connection = try await Self.open(broker, Self.limits())
        try await connection.enableConfirms()
        let flood = Array(repeating: Self.message(bytes: 1 << 20), count: 64)
        let (error, took) = await Self.failure { _ = try await connection.publish(flood) }
        #expect(error?.code == .timedOut, "\(String(describing: error))")
        #expect(took < .seconds(15), "\(took)")
        #expect(connection.status == .closed(try #require(error)))
    }

    @Test func `a publish to a peer that has missed two heartbeats does not hang`() async throws {
        let broker = try ScriptedBroker(.silentAfterHandshake)
        defer { broker.stop() }
        let connection = try await Self.open(broker, Self.limits(heartbeat: 1))
        try await connection.enableConfirms()
        for await reason in connection.termination { #expect(reason.code == .timedOut) }
        let (error, took) = await Self.failure {
            _ = try await connection.publish([Self.message(bytes: 10)])
        }
        #expect(error?.code == .timedOut)
        #expect(took < .seconds(1), "\(took)")
    }

    @Test func `a publish finds missed heartbeats even when nothing could look for them`()
        async throws
    {
        let broker = try ScriptedBroker(.silentAfterHandshake)
        defer { broker.stop() }
        let connection = try await Self.open(
            broker, Self.limits(confirm: .seconds(20), heartbeat: 1))
        try await connection.enableConfirms()
        // In this state the library's own publish never returns.
        let (error, took) = await connection.failureOfPublishing(
            Self.message(bytes: 10), afterOccupyingItsThreadFor: .milliseconds(2_500))
        #expect(error?.code == .timedOut, "\(String(describing: error))")
        #expect(took < .seconds(1), "\(took)")
    }

    @Test func `a message that is never confirmed is unknown after the deadline`() async throws {
        let broker = try ScriptedBroker(.neverConfirms)
        defer { broker.stop() }
        let connection = try await Self.open(
            broker, Self.limits(confirm: .seconds(3), heartbeat: 1))
        try await connection.enableConfirms()
        let (error, took) = await Self.failure {
            _ = try await connection.publish([Self.message(bytes: 10)])
        }
        #expect(error?.code == .timedOut)
        #expect(error?.isTransient == true)
        #expect(took > .milliseconds(2_900) && took < .seconds(15), "\(took)")
        // It waited through heartbeats, and they were answered meanwhile.
        #expect(broker.heartbeats >= 1)
    }

    @Test func `heartbeats go out on an idle connection`() async throws {
        let broker = try ScriptedBroker(.heartbeatsOnly)
        defer { broker.stop() }
        let connection = try await Self.open(broker, Self.limits(heartbeat: 1))
        try await eventually { broker.heartbeats >= 4 }
        #expect(connection.status == .open)
        await connection.close()
    }

    @Test func `a request that is never answered ends at its deadline`() async throws {
        let broker = try ScriptedBroker(.heartbeatsOnly)
        defer { broker.stop() }
        var limits = Self.limits()
        limits.request = .seconds(1)
        let connection = try await Self.open(broker, limits)
        let (error, took) = await Self.failure { try await connection.declareQueue("q") }
        #expect(error?.code == .timedOut, "\(String(describing: error))")
        #expect(took < .seconds(10), "\(took)")
    }

    @Test func `frames out of order end the connection`() async throws {
        let broker = try ScriptedBroker(.disorderly)
        defer { broker.stop() }
        let connection = try await Self.open(broker, Self.limits())
        var reasons: [AMQPError] = []
        for await reason in connection.termination { reasons.append(reason) }
        #expect(reasons.map(\.code) == [.connectionLost])
    }

    @Test func `connections that hang hold up no other task`() async throws {
        let brokers = try (0..<4).map { _ in try ScriptedBroker(.neverConfirms) }
        defer { for broker in brokers { broker.stop() } }
        try await withThrowingTaskGroup { group in
            for broker in brokers {
                group.addTask {
                    let connection = try await Self.open(
                        broker, Self.limits(confirm: .seconds(3)))
                    try await connection.enableConfirms()
                    _ = await Self.failure {
                        _ = try await connection.publish([Self.message(bytes: 10)])
                    }
                }
            }
            // More waits than cores; on the cooperative pool they would stop this loop for seconds.
            var longest = Duration.zero
            let end = ContinuousClock.now + .seconds(1)
            while ContinuousClock.now < end {
                let begun = ContinuousClock.now
                await Task.yield()
                longest = max(longest, .now - begun)
            }
            #expect(longest < .seconds(2), "\(longest)")
            try await group.waitForAll()
        }
    }
}

extension AMQPConnection {
    /// Publishes in one go with a wait that holds the connection's thread, as a long call would.
    fileprivate func failureOfPublishing(
        _ message: AMQPMessage, afterOccupyingItsThreadFor duration: Duration
    ) -> (error: AMQPError?, took: Duration) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end { poll(nil, 0, 100) }
        do {
            _ = try publish([message])
            return (nil, .now - end)
        } catch {
            return (error as? AMQPError, .now - end)
        }
    }
}
