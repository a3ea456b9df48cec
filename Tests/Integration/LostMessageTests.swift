import Synchronization
import TestShop
import TestSupport
import Testing

/// Messages that the broker had confirmed and then lost: nobody but the janitor knows of them.
@Suite(.timeLimit(.minutes(10)))
struct LostMessageTests {
    /// Places orders until `work` is done, and gives them.
    private func trading(
        _ shop: Shop, _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> [String] {
        let isDone = Flag()
        return try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var placed: [String] = []
                    while !isDone.isSet { placed.append(try await shop.place("alice", "0.01")) }
                    return placed
                }
            }
            group.addTask {
                defer { isDone.set() }
                try await work()
                return []
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Every order has its one end, and every cent is where it belongs.
    private func expectWhole(_ shop: Shop, _ placed: [String]) async throws {
        try await eventually(within: .seconds(180), "every order has its end") {
            try await shop.ordersRows("SELECT count(*) FROM orders WHERE status = 'PENDING'")
                == ["0"]
        }
        let paid = try await shop.ordersRows("SELECT count(*) FROM orders WHERE status = 'PAID'")
        #expect(paid == ["\(placed.count)"])
        let debits = try await shop.paymentsRows(
            "SELECT count(*), count(DISTINCT order_id), sum(amount) FROM transfers "
                + "WHERE order_id IS NOT NULL")
        #expect(debits == ["\(placed.count)|\(placed.count)|\(placed.count)"], "one debit each")
        #expect(
            try shop.process(.orders).log.contains("announced again"), "something was lost at all")
        let parked = "SELECT count(*) FROM parked_messages"
        #expect(try await shop.ordersRows(parked) == ["0"])
        #expect(try await shop.paymentsRows(parked) == ["0"])
    }

    @Test func `what was in a queue that is purged under load is announced again and settles`()
        async throws
    {
        let shop = try await Shop.open(patience: .seconds(1))
        try await shop.openAccount("alice", balance: "1000")
        // While Payments is down, what it is to handle gathers in the queue.
        try await shop.process(.payments).kill()
        let placed = try await trading(shop) {
            try await eventually("hundreds are accepted") {
                try await shop.ordersRows("SELECT count(*) >= 300 FROM orders") == ["t"]
            }
            for queue in [
                shop.queues.orderCreated, Shop.Queues.bundles(of: shop.queues.orderCreated),
            ] {
                try await shop.stack.rabbitmqctl("purge_queue", queue)
            }
            try await shop.launch(.payments)
            try await shop.stack.rabbitmqctl("purge_queue", shop.queues.paymentSuccess)
        }
        try await expectWhole(shop, placed)
        await shop.close()
    }

    @Test func `queues that are deleted under load come back, and what was in them too`()
        async throws
    {
        let shop = try await Shop.open(patience: .seconds(1))
        try await shop.openAccount("alice", balance: "1000")
        // While Payments is down, what it is to handle gathers in the queue: that is lost for sure.
        try await shop.process(.payments).kill()
        let placed = try await trading(shop) {
            try await eventually("hundreds are accepted") {
                try await shop.ordersRows("SELECT count(*) >= 300 FROM orders") == ["t"]
            }
            for queue in [
                shop.queues.orderCreated, Shop.Queues.bundles(of: shop.queues.orderCreated),
            ] {
                try await shop.stack.rabbitmqctl("delete_queue", queue)
            }
            try await shop.launch(.payments)
            for queue in [
                shop.queues.orderCreated, shop.queues.paymentSuccess, shop.queues.orderCreated,
            ] {
                let before = try await shop.ordersRows("SELECT count(*) FROM orders")
                for queue in [queue, Shop.Queues.bundles(of: queue)] {
                    try await shop.stack.rabbitmqctl("delete_queue", queue)
                }
                try await eventually("orders are accepted all the same") {
                    try await shop.ordersRows("SELECT count(*) FROM orders") != before
                }
            }
        }
        try await expectWhole(shop, placed)
        await shop.close()
    }

    @Test func `a broker that lost its disk is told everything again`() async throws {
        let stack = try await TestStack.ownStack()
        let shop = try await Shop.open(on: stack, patience: .seconds(1))
        try await shop.openAccount("alice", balance: "1000")
        try await shop.process(.payments).kill()
        var placed: [String] = []
        for _ in 0..<50 { placed.append(try await shop.place("alice", "0.01")) }
        try await eventually("the broker has them all") {
            try await shop.ordersRows("SELECT count(*) FROM outbox") == ["0"]
        }
        try await stack.rabbitmqctl("stop_app")
        try await stack.rabbitmqctl("force_reset")
        try await stack.rabbitmqctl("start_app")
        try await shop.launch(.payments)
        try await expectWhole(shop, placed)
        await shop.close()
        await stack.stop()
    }

    @Test func `an order that stays pending is announced ever more rarely`() async throws {
        let shop = try await Shop.open(patience: .seconds(1))
        try await shop.process(.payments).kill()
        let id = try await shop.place("alice", "1")
        func announcements() async throws -> Int {
            try await shop.ordersRows("SELECT announcements FROM pending_orders").first
                .flatMap { Int($0) } ?? 0
        }
        try await eventually("it is announced a third time") {
            try await announcements() == 3
        }
        let waits = try await shop.ordersRows(
            "SELECT waits_from - statement_timestamp() > interval '0' FROM pending_orders")
        #expect(waits == ["t"], "now it is to wait for longer than the first time")
        try await shop.launch(.payments)
        #expect(try await shop.settled(id)["status"] == "FAILED")
        #expect(try await shop.ordersRows("SELECT count(*) FROM pending_orders") == ["0"])
        await shop.close()
    }
}

/// Set once, and seen by all.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
