package import PaymentsApplication
import Messaging
package import SharedKernel

/// What Payments knows of orders' lives, from an in-memory repository, its outbox and what is
/// parked beside it.
package struct InMemoryChargeTraces: ChargeTraces {
    private let accounts: InMemoryAccountRepository
    private let parked: InMemoryParkedMessages

    /// - Parameters:
    ///   - accounts: the accounts, their inbox and their outbox.
    ///   - parked: messages that were parked.
    package init(accounts: InMemoryAccountRepository, parked: InMemoryParkedMessages) {
        self.accounts = accounts
        self.parked = parked
    }

    package func trace(of order: OrderID) async throws -> ChargeTrace {
        try accounts.faults.check()
        let (receipt, decision) = accounts.life(of: order)
        return ChargeTrace(
            receipt: receipt, decision: decision,
            parked: try await parked.about(order).map {
                ChargeTrace.Parked(id: $0.id, at: $0.parkedAt, reason: $0.reason)
            })
    }
}

extension InMemoryParkedMessages {
    /// Messages with the order's id in their bodies, oldest first.
    func about(_ order: OrderID) async throws -> [ParkedRow] {
        var found: [ParkedRow] = []
        for row in try await list(state: nil, before: nil, limit: .max).reversed() {
            let body = try await find(row.id)?.delivery.body ?? []
            if String(decoding: body, as: UTF8.self).contains(order.description) {
                found.append(row)
            }
        }
        return found
    }
}
