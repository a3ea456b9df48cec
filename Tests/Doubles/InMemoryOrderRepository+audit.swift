package import OrdersApplication
import OrdersDomain
package import SharedKernel

extension InMemoryOrderRepository: OrderAudit {
    package func auditRows(before: OrderID?, limit: Int) async throws -> [OrderAuditRow] {
        try faults.check()
        return orders.keys.sorted(by: >).filter { id in before.map { id < $0 } ?? true }
            .prefix(limit).compactMap(row)
    }

    package func auditRow(of order: OrderID) async throws -> OrderAuditRow? {
        try faults.check()
        return row(order)
    }

    private func row(_ id: OrderID) -> OrderAuditRow? {
        told(of: id).map { told in
            OrderAuditRow(
                id: id, userID: told.order.request.userID.text,
                amount: told.order.request.amount.money, status: told.order.status,
                ends: told.ends, isAwaited: told.isAwaited)
        }
    }
}
