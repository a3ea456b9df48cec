import AMQP
import Logging
import TestSupport

/// Connections to the broker that the suites share, each test on queues of its own.
struct RealBroker {
    private let stack: TestStack
    let url: BrokerURL

    init() async throws {
        stack = try await TestStack.shared()
        url = try BrokerURL(stack.brokerURL)
    }

    func freshQueue(_ prefix: String) -> String { stack.freshQueue(prefix) }

    func connect() async throws -> AMQPConnection {
        try await AMQPConnection.open(
            url, name: "AMQPTests", limits: .patient,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func publisher() async throws -> AMQPConnection {
        let connection = try await connect()
        try await connection.enableConfirms()
        return connection
    }

    func consumer(_ queue: String, prefetch: UInt16 = 256) async throws -> AMQPConnection {
        let connection = try await connect()
        try await connection.declareQueue(queue)
        try await connection.consume(queue, prefetch: prefetch)
        return connection
    }

    static func message(_ number: Int, to queue: String) -> AMQPMessage {
        AMQPMessage(queue: queue, body: Array("\(number)".utf8), messageID: "m\(number)")
    }

    /// Waits for exactly `count` deliveries.
    static func take(
        _ count: Int, from connection: AMQPConnection
    ) async throws -> [AMQPDelivery] {
        var taken: [AMQPDelivery] = []
        while taken.count < count {
            taken += try await connection.nextDeliveries(upTo: count - taken.count)
        }
        return taken
    }
}

extension AMQPLimits {
    /// Deadlines that a busy machine does not miss; tests of deadlines set their own.
    static var patient: AMQPLimits {
        var limits = AMQPLimits()
        limits.connect = .seconds(60)
        limits.request = .seconds(60)
        limits.confirm = .seconds(60)
        limits.body = 2 << 20
        return limits
    }
}
