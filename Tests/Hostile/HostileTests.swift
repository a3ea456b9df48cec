import AMQP
import Foundation
import JSON
import Logging
import NIOCore
import NIOHTTP1
import TestShop
import TestSupport
import Testing

/// The input catalogue, row by row, against real daemons: each row gets its documented status, and
/// afterwards they are what they were.
@Suite(.serialized, .timeLimit(.minutes(15))) struct HostileTests {
    @Test func `no request gets anything but its documented status`() async throws {
        let rows = BodyRows.all + TargetRows.all + SyntaxRows.all
        print("hostile: \(rows.count) HTTP rows")
        try await Shop.underAttack { shop in
            try await Self.inParallel(rows) { row in
                let reply = try await RawPeer.exchange(
                    row.parts, port: shop.port(row.door), until: HTTPHead.isWhole)
                let outcome = HTTPOutcome(reply.bytes)
                // An end without an answer stands as 0; our patience's end as -1.
                let status = outcome.statuses.first ?? (reply.isEnded ? 0 : -1)
                #expect(row.statuses.contains(status), "\(row.name): \(status)")
                // Nothing in a row is taken for a second request: what comes after the first answer
                // can but complain of the rest.
                #expect(
                    outcome.statuses.dropFirst().allSatisfy { $0 == 400 || $0 == 431 },
                    "\(row.name): \(outcome.statuses)")
                #expect(outcome.complaints.isEmpty, "\(row.name): \(outcome.complaints)")
            }
        }
    }

    @Test func `who is slow is told so or cut off, and holds nothing`() async throws {
        // What is cut off without a word comes long after what is answered: on a busy machine both
        // may be due at once.
        let settings = [
            "HTTP_HEAD_TIMEOUT": "1", "HTTP_BODY_TIMEOUT": "1", "HTTP_WRITE_TIMEOUT": "1",
            "HTTP_IDLE_TIMEOUT": "8", "HTTP_EXCHANGE_TIMEOUT": "20",
        ]
        let post = "POST /orders HTTP/1.1\r\nHost: x\r\n"
        let rows: [(String, String, Set<Int>)] = [
            ("nothing", "", [0]), ("half a line", "GET /hea", [408]),
            ("half a head", "GET /health HTTP/1.1\r\nHost: x\r\nX-", [408]),
            ("a head without its last line", "\(post)Content-Length: 2\r\n", [408]),
            ("no body", "\(post)Content-Length: 10\r\n\r\n", [408]),
            ("half a body", "\(post)Content-Length: 10\r\n\r\n{", [408]),
            ("half a chunk", "\(post)Transfer-Encoding: chunked\r\n\r\nA\r\n{", [408]),
            ("chunks without end", "\(post)Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", [408]),
        ]
        print("hostile: \(3 * rows.count) slow rows")
        try await Shop.underAttack(settings: settings) { shop in
            let all = Shop.Daemon.allCases.flatMap { door in rows.map { (door, $0) } }
            try await Self.inParallel(all) { door, row in
                let reply = try await RawPeer.exchange(
                    [Array(row.1.utf8)], port: shop.port(door), until: HTTPHead.isWhole)
                let status = HTTPOutcome(reply.bytes).statuses.first ?? (reply.isEnded ? 0 : -1)
                // Payments has no such path, which it says without waiting for the body.
                let isRefused = door == .payments && status == 404
                #expect(row.2.contains(status) || isRefused, "\(door) \(row.0): \(status)")
            }
        }
    }

    @Test func `every row of the gRPC door gets its refusal, and the next caller his order`()
        async throws
    {
        let rows = RPCRow.all
        print("hostile: \(rows.count) gRPC rows")
        try await Shop.underAttack { shop in
            try await Self.inParallel(rows) { row in
                var outcome = ""
                // A busy machine is given more time than the rows that are told by silence.
                for limit: TimeAmount in [.seconds(3), .seconds(30)]
                where !row.expected.contains(outcome) {
                    let reply = try await RawPeer.exchange(
                        [row.bytes], port: shop.grpcPort, within: limit
                    ) { _ in false }
                    outcome = RPCOutcome.words(reply)
                }
                #expect(row.expected.contains(outcome), "\(row.name): \(outcome)")
            }
            // It serves the next caller.
            let placed = try await shop.place("ann", "1", path: "/grpc/orders")
            #expect(try await shop.settled(placed)["status"] == "PAID")
        }
    }

    @Test func `every message that is no event is parked with its reason, and only those`()
        async throws
    {
        try await Shop.underAttack { shop in
            let orders = try await shop.publish(MessageRows.orders, to: shop.queues.orderCreated)
            let outcomes =
                try await shop.publish(MessageRows.outcomes, to: shop.queues.paymentSuccess)
                + shop.publish(MessageRows.outcomes, to: shop.queues.paymentFailed)
            print("hostile: \(orders.count + outcomes.count) messages")
            let parked = "SELECT message_id FROM parked_messages ORDER BY message_id"
            try await eventually("all of them are parked") {
                let payments = try await shop.paymentsRows(parked)
                let settled = try await shop.ordersRows(parked)
                return payments.count == orders.count && settled.count == outcomes.count
            }
            #expect(try await shop.paymentsRows(parked) == orders.sorted())
            #expect(try await shop.ordersRows(parked) == outcomes.sorted())
            let long = "SELECT octet_length(body), body_length, octet_length(body_sha256) "
            #expect(
                try await shop.paymentsRows(
                    long + "FROM parked_messages WHERE body_length > 65537")
                    == ["65536|10485760|32"])
            let silent = "SELECT count(*) FROM parked_messages WHERE reason = ''"
            #expect(try await shop.paymentsRows(silent) == ["0"])
        }
    }

    @Test func `an event is believed by its body, whatever its properties are`() async throws {
        try await Shop.underAttack(settings: ["ACCEPT_UNSIGNED_MESSAGES": "true"]) { shop in
            let rows = MessageRows.properties
            print("hostile: \(rows.count) messages of strange properties")
            try await shop.publish(properties: rows.map(\.1))
            try await eventually("each is charged") {
                try await shop.paymentsRows(
                    "SELECT count(*) FROM transfers WHERE order_id IS NOT NULL")
                    == ["\(rows.count + 1)"]
            }
            #expect(try await shop.paymentsRows("SELECT count(*) FROM parked_messages") == ["0"])
            // Orders knows none of them, and says so.
            try await eventually("each outcome is parked") {
                try await shop.ordersRows("SELECT count(*) FROM parked_messages")
                    == ["\(rows.count)"]
            }
        }
    }

    /// Eight at a time: one after the other the slow ones would hold up all.
    private static func inParallel<Row: Sendable>(
        _ rows: [Row], _ work: @escaping @Sendable (Row) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (position, row) in rows.enumerated() {
                if position >= 8 { try await group.next() }
                group.addTask { try await work(row) }
            }
            try await group.waitForAll()
        }
    }
}

extension Shop {
    /// Publishes bodies as any sender may, and gives the ids of the messages.
    fileprivate func publish(
        _ rows: [(String, [UInt8])], to queue: String
    ) async throws -> [String] {
        var limits = AMQPLimits()
        limits.request = .seconds(60)
        limits.confirm = .seconds(60)
        let connection = try await AMQPConnection.open(
            BrokerURL(stack.brokerURL), name: "test", limits: limits,
            logger: Logger(label: "test"))
        try await connection.enableConfirms()
        var ids: [String] = []
        for (_, body) in rows {
            let id = UUID().uuidString.lowercased()
            let results = try await connection.publish([
                AMQPMessage(queue: queue, body: body, messageID: id)
            ])
            #expect(results == [.confirmed])
            ids.append(id)
        }
        await connection.close()
        return ids
    }

    /// Publishes an order of ann's for each list of properties, from inside the broker: no library
    /// would send them.
    fileprivate func publish(properties: [String]) async throws {
        let messages = properties.map { list in
            let order = UUID().uuidString.lowercased()
            let body = #"{\"order_id\":\"\#(order)\",\"user_id\":\"ann\",\"amount\":1.00}"#
            return "{\(list), <<\"\(body)\">>}"
        }
        let vhost = URL(string: stack.brokerURL)?.path.removingPercentEncoding?.dropFirst() ?? "/"
        try await stack.rabbitmqctl(
            "eval",
            """
            X = rabbit_misc:r(<<"\(vhost.isEmpty ? "/" : vhost)">>, exchange, <<"">>),
            [rabbit_basic:publish(X, <<"\(queues.orderCreated)">>, P, B) || {P, B} <-
                [\(messages.joined(separator: ",\n"))]].
            """)
    }
}
