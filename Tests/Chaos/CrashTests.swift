import JSON
import LocalStack
import NIOHTTP1
import TestDoubles
import TestShop
import TestSupport
import Testing

/// Anything may die at any instant: nothing is lost, nothing doubled, and it recovers by itself.
@Suite(.serialized) struct CrashTests {
    @Test func `two thousand orders survive the death of each part in turn`() async throws {
        let seed: UInt64 = 20_260_729
        let stack = try await TestStack.ownStack()
        let shop = try await Shop.open(on: stack)
        let funded = (0..<20).map { "customer-\($0)" }
        for user in funded { try await shop.openAccount(user, balance: "2000") }
        try await stack.keepQueues()
        let flow = FlowUnderFire(
            shop: shop, goal: 2_000, customers: funded + ["nobody"], seed: seed)

        let customers = Task { await flow.run(clients: 12) }
        var generator = SeededGenerator(seed: seed)
        for (step, fault) in Fault.allCases.shuffled(using: &generator).enumerated() {
            let due = 200 + step * 300 + Int.random(in: 0..<100, using: &generator)
            try await eventually(within: .seconds(180), "\(due) orders are accepted") {
                flow.now.accepted.count >= due
            }
            try await fault.strike(shop)
        }
        await customers.value
        for daemon in Shop.Daemon.allCases { try await shop.untilReady(daemon) }

        let quiet = ContinuousClock.now
        let tally = flow.now
        let books = try await Books.closed(of: shop, accepted: tally.accepted)
        print(
            """
            seed \(seed): faults \(Fault.allCases.map(\.rawValue)), attempts \(tally.attempts), \
            acknowledged \(tally.accepted.count), unanswered \(tally.unanswered), \
            lost \(books.lost), doubled \(books.doubled), unmatched \(books.unmatched), \
            money error \(books.moneyError), left over \(books.leftOver), \
            settled \(ContinuousClock.now - quiet) after the last order
            """)
        #expect(books == Books())
        #expect(tally.accepted.count >= 2_000)
        await shop.close()
        await stack.stop()
    }

    /// The parts that die, each without a word.
    private enum Fault: String, CaseIterable {
        case orders, payments, gateway, broker, database

        func strike(_ shop: Shop) async throws {
            switch self {
            case .orders: try await shop.crash(.orders)
            case .payments: try await shop.crash(.payments)
            case .gateway: try await shop.crash(.gateway)
            case .broker:
                try await shop.stack.killBroker()
                try await shop.stack.startBroker()
            case .database: try await shop.stack.restartPostgresImmediately()
            }
        }
    }

    @Test func `with the broker stopped orders are accepted, and settle once it is back`()
        async throws
    {
        let stack = try await TestStack.ownStack()
        let shop = try await Shop.open(on: stack)
        try await shop.openAccount("alice", balance: "10")
        try await stack.killBroker()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await shop.place("alice", "1")) }
        try await eventually("the outage shows") {
            let ready = try await shop.call(.GET, "/ready", at: .orders)
            return ready.status == 503
                && ready.json["dependencies"]?["broker"]?["state"]?.string == "down"
        }
        #expect(try await shop.call(.GET, "/orders/\(ids[0])")["status"] == "PENDING")
        #expect(try await shop.ordersRows("SELECT count(*) FROM outbox") == ["5"])
        try await stack.startBroker()
        for id in ids { #expect(try await shop.settled(id)["status"] == "PAID") }
        #expect(try await shop.call(.GET, "/accounts/alice/balance")["balance"] == "5.00")
        #expect(try await shop.ordersRows("SELECT count(*) FROM outbox") == ["0"])
        await shop.close()
        await stack.stop()
    }

    /// A frozen server is worse than a dead one: nothing refuses, everything waits.
    @Test func `a daemon whose database is frozen stops within ten seconds, status 0`() async throws
    {
        let stack = try await TestStack.ownStack()
        let shop = try await Shop.open(on: stack, daemons: [.orders, .payments])
        try stack.freezePostgres()
        // One request hangs at the door, as it would in an outage.
        async let hanging = shop.call(
            .POST, "/orders", ["user_id": "alice", "amount": .number("1")], at: .orders)
        try await eventually("the outage shows") {
            try await shop.call(.GET, "/ready", at: .orders).status == 503
        }
        for daemon in [Shop.Daemon.orders, .payments] {
            let started = ContinuousClock.now
            let end = try await shop.process(daemon).terminate()
            #expect(end == .exited(0), "\(daemon.rawValue)")
            #expect(ContinuousClock.now - started < .seconds(10), "\(daemon.rawValue)")
        }
        _ = try? await hanging
        try stack.thawPostgres()
        await stack.stop()
    }

    @Test func `a daemon waits for its database and broker, says so, and is ready only then`()
        async throws
    {
        let stack = try await TestStack.ownStack()
        let shop = try await Shop.open(on: stack, daemons: [])
        try await stack.killPostgres()
        try await stack.killBroker()
        try await shop.launch(.orders)
        try await eventually("it names what it waits for") {
            let ready = try await shop.call(.GET, "/ready", at: .orders)
            let dependencies = ready.json["dependencies"]
            return ready.status == 503
                && dependencies?["database"]?["state"]?.string == "waiting"
                && dependencies?["broker"]?["state"]?.string == "down"
        }
        #expect(try await shop.call(.GET, "/health", at: .orders).status == 200)
        let early = try await shop.call(
            .POST, "/orders", ["user_id": "alice", "amount": .number("1")], at: .orders)
        #expect(early.status == 503 && early.headers["retry-after"] != nil)
        #expect(try shop.process(.orders).log.contains("waiting for database"))
        try await stack.startPostgres()
        try await stack.startBroker()
        try await shop.untilReady(.orders)
        _ = try await shop.call(
            .POST, "/orders", ["user_id": "alice", "amount": .number("1")], at: .orders)
        #expect(try await shop.ordersRows("SELECT count(*) FROM orders") == ["1"])
        await shop.close()
        await stack.stop()
    }
}
