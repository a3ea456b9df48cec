import Foundation
import JSON
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestSupport
import Testing

@testable import OrdersInfrastructure
@testable import Postgres

/// What a page costs must grow neither with the table nor with the depth. `make explain` asks the
/// same of five million orders and prints the table.
@Suite(.timeLimit(.minutes(30)))
struct PageCostTests {
    private static let asked = ProcessInfo.processInfo.environment["KASSA_PAGE_ORDERS"]
    private static let count = asked.flatMap { Int($0) } ?? 50_000
    private static let start: Int64 = 1_795_350_896_789

    /// Half of the orders are the whale's, the others a thousand users'. Failed and pending ones
    /// lie all over the table; but those of the whale are its oldest ten, so that whoever looks for
    /// them without an index reads everything.
    private static func fill(_ pool: PostgresPool) async throws {
        for first in stride(from: 0, to: count, by: 250_000) {
            let rows = "generate_series(\(first), \(min(first + 250_000, count) - 1)) AS n"
            try await pool.script(
                """
                INSERT INTO orders (order_id, user_id, amount, description, status, created_at,
                    updated_at)
                SELECT (lpad(to_hex(\(start) + n / 3), 12, '0') || '7000a000'
                        || lpad(to_hex(n), 12, '0'))::uuid,
                    CASE WHEN n % 2 = 0 THEN 'whale' ELSE 'user ' || n % 1000 END,
                    n % 5000 + 1, 'twelve bottles', CASE
                        WHEN n % 2 = 0 AND n < 20 THEN 'FAILED'
                        WHEN n % 2 = 0 AND n < 40 THEN 'PENDING'
                        WHEN n % 100 = 1 THEN 'FAILED' WHEN n % 10 = 3 THEN 'PENDING'
                        ELSE 'PAID' END,
                    timestamptz 'epoch' + (\(start) + n / 3) * interval '1 millisecond',
                    timestamptz 'epoch' + (\(start) + n / 3 + 5) * interval '1 millisecond'
                FROM \(rows)
                """)
        }
        try await pool.script(
            """
            INSERT INTO pending_orders SELECT order_id, user_id FROM orders
                WHERE status = 'PENDING';
            INSERT INTO order_history (order_id, user_id, status, changed_at)
                SELECT order_id, user_id, status, updated_at FROM orders WHERE status <> 'PENDING'
            """)
        for table in ["orders", "pending_orders", "order_history"] {
            try await pool.script("VACUUM ANALYZE \(table)")
        }
    }

    private static func moment(_ number: Int) -> Timestamp {
        Timestamp(microseconds: (start + Int64(number / 3)) * 1_000)
    }

    private static func queries() throws -> [(String, OrderQuery)] {
        let (whale, user) = (try UserID("whale"), try UserID("user 3"))
        var queries: [(String, OrderQuery)] = []
        for (name, user) in [("all", nil), ("whale", whale), ("user 3", user)]
            as [(String, UserID?)]
        {
            queries.append((name, OrderQuery(userID: user)))
            for status in OrderStatus.allCases {
                queries.append(
                    ("\(name), \(status.rawValue)", OrderQuery(userID: user, status: status)))
            }
        }
        // A span of time in the middle, with and without the rest.
        for (name, user, status) in [
            ("a day", nil, nil), ("a day, whale", whale, nil), ("a day, FAILED", nil, .failed),
            ("a day, whale, PAID", whale, .paid),
        ] as [(String, UserID?, OrderStatus?)] {
            queries.append(
                (
                    name,
                    OrderQuery(
                        userID: user, status: status, createdFrom: moment(count / 4),
                        createdUntil: moment(count * 3 / 4))
                ))
        }
        return queries
    }

    /// One page's plan.
    private struct Plan {
        var nodes: [String] = []
        let buffers: Int
        let rows: Int
        let milliseconds: String

        init(_ json: JSONValue) throws {
            let root = try #require(json.array?.first)
            let top = try #require(root["Plan"])
            func number(_ name: String) -> Int {
                guard case .number(let text) = top[name] else { return 0 }
                return Int(text) ?? 0
            }
            buffers = number("Shared Hit Blocks") + number("Shared Read Blocks")
            rows = number("Actual Rows")
            guard case .number(let time) = root["Execution Time"] else { throw NoPlan() }
            milliseconds = time
            gather(top)
        }

        private mutating func gather(_ node: JSONValue) {
            nodes.append(node["Node Type"]?.string ?? "")
            for child in node["Plans"]?.array ?? [] { gather(child) }
        }
    }

    private struct NoPlan: Error {}

    /// What the server does for the very statement of the repository, planned for these values or
    /// once for all: a kept connection comes to use either.
    private static func explain(
        _ query: OrderQuery, isGeneric: Bool, in database: String
    ) async throws -> Plan {
        let statement = PostgresOrderRepository.page(query)
        let values = try statement.encoded().values.map { value in
            value.map { "'\($0.replacing("'", with: "''"))'" } ?? "NULL"
        }
        let answer = try await TestStack.shared().psql(
            """
            SET plan_cache_mode = force_\(isGeneric ? "generic" : "custom")_plan;
            PREPARE page AS \(statement.sql.description);
            EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page(\(values.joined(separator: ",")))
            """, database: database)
        return try Plan(JSONValue(parsing: Array(answer.utf8)))
    }

    @Test func `a page of any filter costs the same at the newest and at the oldest order`()
        async throws
    {
        let pool = try await orderDatabase(size: 1)
        try await Self.fill(pool)
        let name = try await pool.execute(Statement("SELECT current_database()"))[0].text(0)
        let depths = [0, 2, 50, 98]
        for (filter, query) in try Self.queries() {
            for depth in depths {
                var query = query
                query.limit = 101
                if depth > 0 {
                    let bound = OrderID(notBefore: Self.moment(Self.count * (100 - depth) / 100))
                    query.before = min(bound, query.before ?? bound)
                }
                for isGeneric in [false, true] {
                    let plan = try await Self.explain(query, isGeneric: isGeneric, in: name)
                    #expect(
                        !plan.nodes.contains { $0.contains("Seq Scan") || $0.contains("Sort") }
                            && !plan.nodes.contains {
                                $0.contains("Bitmap") || $0.contains("Hash")
                            },
                        "\(filter) at \(depth) %: \(plan.nodes)")
                    // A row takes a descent of the primary key and its own block.
                    #expect(
                        plan.buffers <= 5 * plan.rows + 40,
                        "\(filter) at \(depth) %: \(plan.buffers) buffers for \(plan.rows) rows")
                    guard Self.asked != nil else { continue }
                    print(
                        "\(filter) | \(depth) % | \(isGeneric ? "generic" : "custom")",
                        "| \(plan.rows) rows | \(plan.buffers) buffers | \(plan.milliseconds) ms")
                }
            }
        }
    }
}
