import AMQP
import Foundation
import LocalStack
import Logging
import Postgres
import TestSupport
import Testing

/// The ways to the servers, encrypted: who is trusted, and that everything goes as it does in the
/// clear.
@Suite struct EncryptionTests {
    private static let servers = Task { try await TestStack.ownSecureStack() }

    private func authority(_ stack: TestStack) throws -> String {
        try #require(stack.security).certificates.authority
    }

    /// An authority that has vouched for nobody here.
    private func stranger() async throws -> Certificates {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-stranger-\(UUID().uuidString)").path(percentEncoded: false)
        let certificates = Certificates(folder: folder)
        try await certificates.prepare()
        return certificates
    }

    // MARK: PostgreSQL.

    private func version(_ url: String) async throws -> String {
        let pool = PostgresPool(
            PostgresConfiguration(url: url, applicationName: "test"), size: 1,
            logger: Logger(label: "test"))
        let rows: PostgresRows
        do {
            rows = try await pool.execute(
                Statement("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
                retry: .never)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
        return try rows[0].text(0)
    }

    @Test func `verify-full takes the server that is vouched for, under its own name alone`()
        async throws
    {
        let stack = try await Self.servers.value
        let url = try await stack.freshDatabase()
        #expect(url.contains("sslmode=verify-full"))
        #expect(try await version(url).hasPrefix("TLSv1."))
        // The same server under a name that its certificate does not have.
        let misnamed =
            url.replacing("@127.0.0.1:", with: "@shop.example:") + "&hostaddr=127.0.0.1"
        let refusal = await #expect(throws: (any Error).self) { try await version(misnamed) }
        #expect("\(refusal, default: "")".contains("shop.example"))
        // It was the name: with one check less the same server is taken.
        let unnamed = misnamed.replacing("verify-full", with: "verify-ca")
        #expect(try await version(unnamed).hasPrefix("TLSv1."))
        let stranger = try await stranger()
        defer { try? FileManager.default.removeItem(atPath: stranger.folder) }
        let foreign = url.replacing(try authority(stack), with: stranger.authority)
        #expect(foreign != url)
        await #expect(throws: (any Error).self) { try await version(foreign) }
    }

    // MARK: RabbitMQ.

    private func open(_ url: String, trusting authority: String) async throws -> AMQPConnection {
        try await AMQPConnection.open(
            try BrokerURL(url, certificateAuthority: authority), name: "test",
            logger: Logger(label: "test"))
    }

    @Test func `amqps takes the broker that is vouched for, under its own name alone`()
        async throws
    {
        let stack = try await Self.servers.value
        let authority = try authority(stack)
        #expect(stack.brokerURL.hasPrefix("amqps://"))
        try await open(stack.brokerURL, trusting: authority).close()
        let stranger = try await stranger()
        defer { try? FileManager.default.removeItem(atPath: stranger.folder) }
        for (url, trusted) in [
            (stack.brokerURL, stranger.authority), (stack.brokerURL, BrokerURL.commonAuthorities),
            (stack.brokerURL, "/nowhere.pem"),
            // librabbitmq looks for no address in a certificate.
            (stack.brokerURL.replacing("localhost", with: "127.0.0.1"), authority),
            // Encryption that was asked for is never left out.
            ("amqps://u:p@localhost:\(stack.brokerPort)/", authority),
        ] {
            let error = await #expect(throws: AMQPError.self) {
                try await open(url, trusting: trusted).close()
            }
            #expect(error?.code == .unreachable, "\(url) \(trusted)")
        }
    }

    @Test func `thousands of messages of every size go through TLS, none is left in its buffers`()
        async throws
    {
        let stack = try await Self.servers.value
        let authority = try authority(stack)
        let queue = stack.freshQueue("sizes")
        let publisher = try await open(stack.brokerURL, trusting: authority)
        let consumer = try await open(stack.brokerURL, trusting: authority)
        try await consumer.declareQueue(queue)
        try await consumer.consume(queue, prefetch: 256)
        try await publisher.enableConfirms()
        // Around a TLS record's 16 KiB, where a frame's end and a record's end meet.
        let sizes = [0, 1, 100, 4_096, 16_383, 16_384, 16_385, 40_000]
        let count = 2_048
        async let received = Self.receive(count, from: consumer)
        for start in stride(from: 0, to: count, by: 256) {
            let window = (start..<start + 256).map { number in
                AMQPMessage(
                    queue: queue,
                    body: [UInt8](
                        repeating: UInt8(number % 251), count: sizes[number % sizes.count]),
                    messageID: "\(number)")
            }
            let results = try await publisher.publish(window)
            #expect(results.allSatisfy { $0 == .confirmed })
        }
        let deliveries = try await received
        #expect(deliveries.map(\.properties.messageID) == (0..<count).map { "\($0)" })
        #expect(
            deliveries.enumerated().allSatisfy { number, delivery in
                delivery.body
                    == [UInt8](repeating: UInt8(number % 251), count: sizes[number % sizes.count])
            })
        await publisher.close()
        await consumer.close()
    }

    private static func receive(
        _ count: Int, from consumer: AMQPConnection
    ) async throws -> [AMQPDelivery] {
        var deliveries: [AMQPDelivery] = []
        while deliveries.count < count {
            let batch = try await consumer.nextDeliveries(upTo: 256)
            deliveries += batch
            if let last = batch.last { try await consumer.acknowledge(through: last.tag) }
        }
        return deliveries
    }

    @Test func `an idle connection over TLS outlives its heartbeats, then delivers at once`()
        async throws
    {
        let stack = try await Self.servers.value
        let authority = try authority(stack)
        let queue = stack.freshQueue("idle")
        var limits = AMQPLimits()
        limits.heartbeat = 1
        let consumer = try await AMQPConnection.open(
            try BrokerURL(stack.brokerURL, certificateAuthority: authority), name: "test",
            limits: limits, logger: Logger(label: "test"))
        try await consumer.declareQueue(queue)
        try await consumer.consume(queue, prefetch: 8)
        let begun = ContinuousClock.now
        try await eventually("several heartbeats have passed") {
            ContinuousClock.now - begun > .seconds(5)
        }
        let publisher = try await open(stack.brokerURL, trusting: authority)
        try await publisher.enableConfirms()
        _ = try await publisher.publish([AMQPMessage(queue: queue, body: [1], messageID: "1")])
        #expect(try await consumer.nextDeliveries(upTo: 8).count == 1)
        await publisher.close()
        await consumer.close()
    }
}
