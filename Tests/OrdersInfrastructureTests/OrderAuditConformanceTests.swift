import OrdersApplication
import OrdersDomain
import OrdersInfrastructure
import Postgres
import SharedKernel
import TestDoubles
import Testing

/// What every ``OrderAudit`` shows.
@Suite(.timeLimit(.minutes(3)))
struct OrderAuditConformanceTests {
    @Test(arguments: OrderWorld.Kind.allCases)
    func `orders come with their ends and their waiting, page by page`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for number in 1...5 {
            _ = try await world.orders.add(
                try orderRequest(), as: try orderID(number), correlation: .none)
        }
        _ = try await world.orders.settle([
            try outcome(2, .paid), try outcome(4, .failed(.insufficientFunds)),
        ]) { outcome, order in _ = order?.settle(by: outcome) }
        var (rows, before): ([OrderAuditRow], OrderID?) = ([], nil)
        repeat {
            let page = try await world.audit.auditRows(before: before, limit: 2)
            before = page.last?.id
            rows += page
        } while before != nil
        #expect(rows.map(\.id) == (try (1...5).reversed().map { try orderID($0) }))
        #expect(rows.map(\.status) == [.pending, .failed, .pending, .paid, .pending])
        #expect(rows.map(\.ends) == [[], [.failed], [], [.paid], []])
        #expect(rows.map(\.isAwaited) == [true, false, true, false, true])
        #expect(rows.allSatisfy { $0.userID == "ada" && $0.amount.minorUnits == 100 })
        #expect(try await world.audit.auditRow(of: try orderID(2)) == rows[3])
        #expect(try await world.audit.auditRow(of: try orderID(9)) == nil)
    }

    @Test func `rows that no version of Orders would write are shown as they are`() async throws {
        let pool = try await orderDatabase()
        try await pool.script(
            """
            INSERT INTO orders (order_id, user_id, amount, description, status)
                VALUES ('\(try orderID(1))', 'ada', 1, '', 'PAID');
            INSERT INTO order_history (order_id, user_id, status) VALUES
                ('\(try orderID(1))', 'ada', 'PAID'), ('\(try orderID(1))', 'ada', 'FAILED');
            INSERT INTO pending_orders (order_id, user_id) VALUES ('\(try orderID(1))', 'ada');
            """)
        let row = try await PostgresOrderAudit(pool: pool).auditRow(of: try orderID(1))
        #expect(row?.ends == [.paid, .failed] && row?.isAwaited == true)
    }
}
