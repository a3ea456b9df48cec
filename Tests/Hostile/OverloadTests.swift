import JSON
import LocalStack
import NIOCore
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
            // Nobody can place an order while this lasts, which is until it is ended: on a busy
            // machine ten seconds may pass before somebody looks.
            let lock = Task {
                try await shop.ordersRows(
                    "BEGIN; LOCK TABLE orders IN EXCLUSIVE MODE; SELECT pg_sleep(300)")
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
            var refused = 0
            for task in all {
                let answer = try await task.value
                // Those that were let in waited for the table in vain.
                #expect([503, 504].contains(answer.status))
                guard answer["detail"] == "Too busy, try again" else { continue }
                #expect(answer.headers["retry-after"] == "1")
                refused += 1
            }
            #expect(refused > 0)
            _ = try await shop.ordersRows(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'ExclusiveLock' "
                    + "AND relation = 'orders'::regclass AND granted")
            _ = try? await lock.value
        }
    }

    @Test func `more connections than there are descriptors do not end a daemon`() async throws {
        raiseOpenFileLimit()
        // Fewer than HTTP_CONNECTIONS asks for. Without one, Swift's runtime would end the daemon.
        try await Shop.underAttack(descriptors: 500) { shop in
            let doors = Shop.Daemon.allCases.map { shop.port($0) } + [shop.grpcPort]
            await withTaskGroup(of: Void.self) { group in
                for port in doors {
                    for _ in 0..<350 { group.addTask { await Self.dawdle(at: port) } }
                }
                // What needs descriptors of the daemon's own, meanwhile.
                group.addTask {
                    _ = try? await shop.ordersRows(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            + "WHERE datname = current_database() AND pid <> pg_backend_pid()")
                }
            }
            for daemon in Shop.Daemon.allCases {
                let process = try shop.process(daemon)
                #expect(process.isRunning, "\(daemon) ended: \(process.log.suffix(2_000))")
                #expect(process.log.contains("the limit on open files is low"))
                try await eventually("\(daemon.rawValue) takes connections again") {
                    try await shop.call(.GET, "/health", at: daemon).status == 200
                }
            }
        }
    }

    /// A request that is begun and never ended, until the daemon has had enough of it.
    private static func dawdle(at port: Int) async {
        _ = try? await RawPeer.exchange(
            [Array("GET /orders HTTP/1.1\r\n".utf8)], port: port, within: .seconds(15)
        ) { _ in false }
    }
}
