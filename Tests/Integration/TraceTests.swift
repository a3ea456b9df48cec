import AMQP
import JSON
import LocalStack
import NIOHTTP1
import SharedKernel
import TestShop
import TestSupport
import Testing

/// What the trace of an order tells, with real daemons: times, processes and repeats.
@Suite(.timeLimit(.minutes(10)))
struct TraceTests {
    private struct Step {
        let name: String
        let service: String
        let at: String?
        let instance: String?
        let words: String
    }

    private func steps(of order: String, at shop: Shop) async throws -> [Step] {
        let trace = try await shop.call(.GET, "/orders/\(order)/trace")
        #expect(trace.status == 200)
        return (trace.json["steps"]?.array ?? []).map { step in
            Step(
                name: step["step"]?.string ?? "", service: step["service"]?.string ?? "",
                at: step["at"]?.string, instance: step["instance"]?.string,
                words: step["words"]?.string ?? "")
        }
    }

    private func kassa(_ shop: Shop, _ arguments: String...) async throws -> CommandOutput {
        try await Command(
            try BuiltProgram.path("kassa"), arguments + ["--gateway", shop.url(.gateway)],
            environment: .withoutServers
        ).run(within: .seconds(60))
    }

    @Test func `every step says when it was and which process took it, as its log and metrics do`()
        async throws
    {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "70")
        let order = try await shop.place("alice", "30")
        _ = try await shop.settled(order)
        let steps = try await steps(of: order, at: shop)
        #expect(
            steps.map(\.name)
                == ["accepted", "published", "received", "charged", "told", "settled"])
        #expect(
            steps.map(\.service)
                == ["orders", "orders", "payments", "payments", "payments", "orders"])
        let times = steps.compactMap { $0.at.flatMap { Timestamp(rfc3339: $0) } }
        #expect(times.count == 6 && times == times.sorted(), "one machine, one clock")
        for (service, daemon) in [("orders", Shop.Daemon.orders), ("payments", .payments)] {
            let process = try shop.process(daemon)
            let instances = Set(steps.filter { $0.service == service }.map(\.instance))
            let instance = try #require(instances.first ?? nil)
            #expect(instances.count == 1 && instance.hasSuffix(":\(process.pid)"))
            #expect(process.log.contains(instance))
            #expect(
                try await shop.metric(
                    #"kassa_instance_info{instance="\#(instance)"}"#, of: daemon) == 1)
        }
        let told = try await kassa(shop, "trace", order).standardOutput
        for step in steps {
            let at = try #require(step.at)
            let line = told.split(separator: "\n").first { $0.hasPrefix(at) }
            #expect(line?.hasSuffix("  \(step.instance ?? "")") == true, "\(told)")
        }
        #expect(told.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(told)")
        await shop.close()
    }

    @Test func `repeats are counted: announcements while nobody listens, messages that come again`()
        async throws
    {
        let shop = try await Shop.open(patience: .seconds(1))
        try await shop.openAccount("alice", balance: "70")
        try await shop.process(.payments).kill()
        let order = try await shop.place("alice", "30")
        try await eventually("it is announced again") {
            try await shop.ordersRows("SELECT announcements >= 2 FROM pending_orders") == ["t"]
        }
        let waiting = try await kassa(shop, "trace", order)
        #expect(waiting.standardOutput.contains(", announced "), "\(waiting)")
        #expect(waiting.standardError.contains("Payments service gave no answer"))
        try await shop.launch(.payments)
        _ = try await shop.settled(order)
        let event = try await shop.paymentsRows("SELECT order_id FROM outcomes")
        #expect(event == [order])
        try await shop.publish([
            AMQPMessage(
                queue: shop.queues.orderCreated, body: Self.announcement(order), messageID: order)
        ])
        try await eventually("the inbox knows a repeat") {
            try await shop.paymentsRows("SELECT repeats > 0 FROM inbox") == ["t"]
        }
        let steps = try await steps(of: order, at: shop)
        let words = Dictionary(
            steps.map { ($0.name, $0.words) }, uniquingKeysWith: { first, _ in first })
        #expect(words["published"]?.contains(", announced ") == true, "\(words)")
        #expect(words["received"]?.contains("came again ") == true, "\(words)")
        await shop.close()
    }

    /// As an older program, or somebody who means ill, would send them.
    @Test(arguments: [
        [:], ["published-by": "", "published-at": "soon"],
        [
            "published-by": String(repeating: "x", count: 65) + "\u{1B}[2J",
            "published-at": "0000-01-01T00:00:00Z",
        ],
    ])
    func `messages that do not say who sent them, or say nonsense, settle their order`(
        headers: [String: String]
    ) async throws {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "70")
        try await shop.process(.payments).kill()
        let order = try await shop.place("alice", "30")
        try await eventually("it is announced") {
            try await shop.ordersRows("SELECT count(*) FROM outbox") == ["0"]
        }
        try await shop.stack.rabbitmqctl("purge_queue", shop.queues.orderCreated)
        try await shop.publish([
            AMQPMessage(
                queue: shop.queues.orderCreated, body: Self.announcement(order), messageID: order,
                headers: headers)
        ])
        try await shop.launch(.payments)
        #expect(try await shop.settled(order)["status"] == "PAID")
        // And an outcome, for an order of which Payments hears nothing.
        try await shop.process(.payments).kill()
        let other = try await shop.place("alice", "30")
        try await shop.publish([
            AMQPMessage(
                queue: shop.queues.paymentSuccess, body: Self.success(other), messageID: other,
                type: "payment_success", headers: headers)
        ])
        #expect(try await shop.settled(other)["status"] == "PAID")

        try await shop.launch(.payments)
        let first = try await steps(of: order, at: shop)
        #expect(first.map(\.name).contains("settled"))
        let published = try #require(first.first { $0.name == "published" })
        #expect(published.at == nil && published.instance == nil)
        #expect(first.first { $0.name == "told" }?.at != nil, "Payments is ours")
        let settled = try #require(
            try await steps(of: other, at: shop).first { $0.name == "settled" })
        #expect(settled.at != nil && settled.instance != nil)
        #expect(
            try await shop.ordersRows(
                "SELECT published_by, published_at FROM order_history WHERE order_id = '\(other)'")
                == ["|"])
        await shop.close()
    }

    private static func announcement(_ order: String) -> [UInt8] {
        let event: JSONValue = [
            "order_id": .string(order), "user_id": "alice", "amount": .number("30.00"),
            "description": "legacy",
        ]
        return event.encoded
    }

    private static func success(_ order: String) -> [UInt8] {
        let event: JSONValue = [
            "order_id": .string(order), "user_id": "alice", "amount": .number("30.00"),
        ]
        return event.encoded
    }
}
