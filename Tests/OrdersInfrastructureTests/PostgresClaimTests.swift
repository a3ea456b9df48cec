import Idempotency
import Messaging
import OrdersApplication
import OrdersDomain
import OrdersInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import TestSupport
import Testing

/// What only several processes on one database can get wrong about keys.
@Suite(.timeLimit(.minutes(2)))
struct PostgresClaimTests {
    private static func claim(_ key: String, _ request: OrderRequest) throws -> IdempotencyClaim {
        try IdempotencyKey(key, of: "till").claim(request.fingerprint)
    }

    @Test func `three instances that race under the same keys place each order once`()
        async throws
    {
        let pool = try await orderDatabase()
        let instances = (0..<3).map { _ in
            PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        }
        let keys = 60
        let answers = try await withThrowingTaskGroup(
            of: (key: Int, answer: Idempotent<Order>).self
        ) { group in
            for number in 0..<(keys * instances.count) {
                let key = number / instances.count
                let orders = instances[number % instances.count]
                group.addTask {
                    let request = try orderRequest(by: "user \(key)")
                    let answer = try await orders.add(
                        request, as: try orderID(number),
                        claim: try Self.claim("k-\(key)", request), correlation: .none)
                    return (key, answer)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == keys * instances.count)
        for key in 0..<keys {
            let those = answers.filter { $0.key == key }.map(\.answer)
            #expect(Set(those.map(\.answer?.id)).count == 1)
            #expect(those.count { if case .first = $0 { true } else { false } } == 1)
        }
        #expect(try await instances[0].list(OrderQuery(limit: 1_000)).count == keys)
        let rows = try await pool.execute(Statement("SELECT count(*) FROM outbox"))
        #expect(try rows[0].integer(0) == keys)
    }

    @Test func `a key that another transaction holds keeps its own request waiting, no other`()
        async throws
    {
        let pool = try await orderDatabase()
        let orders = PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        let request = try orderRequest()
        let claim = try Self.claim("k", request)
        try await pool.held { transaction in
            try await transaction.execute(
                Statement(
                    """
                    SELECT pg_advisory_xact_lock(
                        hashtextextended($1, hashtextextended($2, 0)))
                    """, "k", "till"))
            let blocked = Task {
                try await orders.add(
                    request, as: try orderID(1), claim: claim, correlation: .none)
            }
            for number in 2...20 {
                _ = try await orders.add(request, as: try orderID(number), correlation: .none)
            }
            await #expect(throws: IdempotencyKeyIsBusy.self) { try await blocked.value }
        }
        #expect(try await orders.list(OrderQuery(limit: 100)).count == 19)
        let added = try await orders.add(
            request, as: try orderID(30), claim: claim, correlation: .none)
        #expect(added.answer?.id == (try orderID(30)), "afterwards the key is free")
    }

    @Test func `a request waits for the first one under its key, and gets its answer`()
        async throws
    {
        let pool = try await orderDatabase()
        let (first, second) = (
            PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal()),
            PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        )
        let request = try orderRequest()
        let claim = try Self.claim("k", request)
        // The first stops in the middle of its statement, its key in hand: somebody else is about
        // to announce its order, and then does not.
        struct ChangedItsMind: Error {}
        var tasks: [Task<Idempotent<Order>, any Error>] = []
        do {
            try await pool.held { transaction in
                try await transaction.execute(
                    Statement(
                        """
                        INSERT INTO outbox (message_id, type, payload, headers)
                        VALUES ($1::uuid, 'order_created', '{}', '{}')
                        """, try orderID(1).description))
                for (number, orders) in [(1, first), (2, second)] {
                    tasks.append(
                        Task {
                            try await orders.add(
                                request, as: try orderID(number), claim: claim,
                                correlation: .none)
                        })
                    try await untilSomebodyWaits(pool)
                }
                throw ChangedItsMind()
            }
        } catch is ChangedItsMind {}
        let order = try #require(try await tasks[0].value.answer)
        #expect(order.id == (try orderID(1)))
        #expect(try await tasks[1].value == .replayed(order))
    }

    private func untilSomebodyWaits(_ pool: PostgresPool) async throws {
        try await eventually("a statement waits for another transaction") {
            try await pool.execute(
                Statement(
                    """
                    SELECT 1 FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event = 'transactionid'
                    """)
            ).isEmpty == false
        }
    }

    @Test func `keys are forgotten after their time, and not before`() async throws {
        let pool = try await orderDatabase()
        let orders = PostgresOrderRepository(pool: pool, outboxFilled: WakeSignal())
        for (number, key) in ["old", "new"].enumerated() {
            let request = try orderRequest()
            _ = try await orders.add(
                request, as: try orderID(number), claim: try Self.claim(key, request),
                correlation: .none)
        }
        try await pool.script(
            """
            UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'
            WHERE key = 'old'
            """)
        let age = PostgresIdempotency.retention
        #expect(try await PostgresIdempotency.prune(pool, olderThan: age) == 1)
        #expect(try await PostgresIdempotency.prune(pool, olderThan: age) == 0)
        let rows = try await pool.execute(Statement("SELECT key FROM idempotency_keys"))
        #expect(try rows.map { try $0.text(0) } == ["new"])
    }
}
