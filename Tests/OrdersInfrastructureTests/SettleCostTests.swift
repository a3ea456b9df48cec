import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import TestSupport
import Testing

@testable import OrdersInfrastructure
@testable import Postgres

/// A kept connection keeps its plans, and a shop's first ones are made while its tables are empty.
@Suite(.timeLimit(.minutes(2)))
struct SettleCostTests {
    @Test func `what a settling reads grows with its batch, by a plan from before the first order`()
        async throws
    {
        let pool = try await orderDatabase(size: 1)
        for table in ["orders", "pending_orders", "order_history"] {
            try await pool.script("VACUUM ANALYZE \(table)")
        }
        let name = try await pool.execute(Statement("SELECT current_database()"))[0].text(0)
        for count in [40, 400] {
            let plan = try await explain(count, in: name)
            // Nothing is compared with everything, and no index is read from end to end.
            #expect(!plan.contains("Rows Removed by Join Filter"), "\(plan)")
            #expect(!plan.contains("pending_orders_by_user"), "\(plan)")
            let repeated = plan.split(separator: "\n").filter { $0.contains("loops=\(count))") }
            #expect(repeated.allSatisfy { $0.contains("->  Tid Scan on orders") }, "\(plan)")
            // Each order has its descents of the primary keys, and its entries in the indexes.
            #expect(try buffers(plan) <= 25 * count, "\(plan)")
        }
    }

    /// Has a session plan the statement, fill the tables, and settle what it filled in.
    private func explain(_ count: Int, in database: String) async throws -> String {
        let orders = try (0..<count).map { number in
            Order(
                id: try orderID(count * 1_000 + number), request: try orderRequest(),
                status: .paid, createdAt: .now, updatedAt: .now)
        }
        let ids = orders.map { "('\($0.id)'::uuid)" }.joined(separator: ",")
        let statement = PostgresOrderRepository.statement(
            of: orders.map { .init(order: $0, place: "(0,1)", publication: nil) }, by: nil)
        var values = try statement.encoded().values.map { $0.map { "'\($0)'" } ?? "NULL" }
        // Where the rows are is known once they are there.
        values[6] = "pg_temp.places()"
        return try await TestStack.shared().psql(
            """
            SET enable_seqscan = off; SET jit = off;
            SET plan_cache_mode = force_generic_plan;
            CREATE FUNCTION pg_temp.places() RETURNS tid[] LANGUAGE sql AS $$
                SELECT array_agg(ctid ORDER BY order_id) FROM orders WHERE user_id = 'new' $$;
            PREPARE settle AS \(statement.sql.description);
            EXECUTE settle('{}', '{}', '{}', '{}', '{}', NULL, '{}');
            UPDATE orders SET user_id = 'old';
            WITH new AS (SELECT column1 AS id FROM (VALUES \(ids)) AS ids), opened AS (
                INSERT INTO pending_orders SELECT id, 'new' FROM new)
            INSERT INTO orders (order_id, user_id, amount, description)
                SELECT id, 'new', 100, 'tea' FROM new;
            EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)
                EXECUTE settle(\(values.joined(separator: ",")))
            """, database: database)
    }

    /// Of the whole statement.
    private func buffers(_ plan: String) throws -> Int {
        let line = try #require(plan.split(separator: "\n").first { $0.contains("Buffers:") })
        let hits = try #require(line.split(separator: "hit=").last?.prefix { $0.isNumber })
        return try #require(Int(hits))
    }
}
