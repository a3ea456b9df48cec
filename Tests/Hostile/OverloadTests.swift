import JSON
import LocalStack
import NIOHTTP1
import TestShop
import TestSupport
import Testing

/// More than a daemon can bear.
@Suite(.serialized, .timeLimit(.minutes(10))) struct OverloadTests {
    @Test func `more requests than the bound get 503 at once, and health answers meanwhile`()
        async throws
    {
        try await Shop.underAttack(settings: ["REQUESTS_AT_ONCE": "4"]) { shop in
            let order: JSONValue = ["user_id": "ann", "amount": "1"]
            // Nobody can place an order while this lasts.
            let lock = Task {
                try await shop.ordersRows(
                    "BEGIN; LOCK TABLE orders IN EXCLUSIVE MODE; SELECT pg_sleep(10); COMMIT")
            }
            try await eventually("the table is locked") {
                try await shop.ordersRows(
                    "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' "
                        + "AND relation = 'orders'::regclass AND granted") == ["1"]
            }
            let all = (0..<24).map { _ in
                Task { try await shop.call(.POST, "/orders", order, at: .orders) }
            }
            for daemon in Shop.Daemon.allCases {
                let health = try await shop.call(.GET, "/health", at: daemon)
                #expect(health.status == 200)
            }
            _ = try await lock.value
            var refused = 0
            for task in all {
                let answer = try await task.value
                // Those that were let in have their order, or waited for the table in vain.
                #expect([201, 503, 504].contains(answer.status))
                guard answer["detail"] == "Too busy, try again" else { continue }
                #expect(answer.headers["retry-after"] == "1")
                refused += 1
            }
            #expect(refused > 0)
        }
    }

    @Test(.disabled("under work: without descriptors kassa-orders traps at times"))
    func `a daemon without descriptors goes on with those it has`() async throws {
        try await Shop.underAttack { shop in
            // Not one more: neither a connection of a customer nor one to the database.
            let vitals = try Vitals(of: shop.process(.orders))
            try await Self.limitDescriptors(of: vitals.pid, to: "\(vitals.descriptors)")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let body: JSONValue? =
                            number.isMultiple(of: 2) ? nil : ["user_id": "ann", "amount": "1"]
                        let path = number.isMultiple(of: 2) ? "/orders" : "/grpc/orders"
                        let answer = try? await shop.call(body == nil ? .GET : .POST, path, body)
                        // What came through came through; what did not was said so.
                        if let answer {
                            #expect([200, 201, 502, 503, 504].contains(answer.status))
                        }
                    }
                }
            }
            let orders = try shop.process(.orders)
            #expect(orders.isRunning, "it ended: \(orders.log.suffix(2_000))")
            try await Self.limitDescriptors(of: vitals.pid, to: "4096")
            try await eventually("it takes connections again") {
                try await shop.call(.GET, "/health", at: .orders).status == 200
            }
        }
    }

    /// The soft limit alone: the hard one could not be raised again.
    private static func limitDescriptors(of pid: Int32, to limit: String) async throws {
        _ = try await Command("/usr/bin/prlimit", ["--pid", "\(pid)", "--nofile=\(limit):"])
            .runOrThrow(within: .seconds(10))
    }
}
