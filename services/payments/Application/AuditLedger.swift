package import SharedKernel

/// Shows an auditor the ledger, a piece at a time.
package struct AuditLedger: Sendable {
    private let ledger: any LedgerAudit
    private let now: @Sendable () -> Timestamp

    /// A movement has its id when its transaction begins to write, and is committed within seconds
    /// or not at all: to what is older nothing is added any more.
    private static let settlingTime: Int64 = 60_000_000
    /// Movements that one statement sums up.
    private static let movementLimit = 20_000

    /// - Parameters:
    ///   - ledger: what is audited.
    ///   - now: the clock by which movements get their ids.
    package init(ledger: any LedgerAudit, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.ledger = ledger
        self.now = now
    }

    /// - Returns: what the ledger has of orders, the greatest ids first.
    package func charges(before: OrderID?, limit: Int) async throws -> [ChargeAuditRow] {
        try await ledger.auditCharges(before: before, limit: limit)
    }

    /// - Returns: what the ledger has of the one order, or nothing.
    package func charges(only order: OrderID) async throws -> [ChargeAuditRow] {
        try await [ledger.auditCharge(of: order)].compactMap(\.self)
    }

    /// - Returns: accounts by ascending number, and the moment since which their movements are
    ///   summed up in the same statement.
    package func accounts(
        after number: Int64, limit: Int
    ) async throws -> (accounts: [AccountAuditRow], since: Timestamp) {
        let since = Timestamp(microseconds: now().microseconds - Self.settlingTime)
        let accounts = try await ledger.auditAccounts(
            after: number, limit: limit, movementsSince: since)
        return (accounts, since)
    }

    /// - Returns: the next piece of what the accounts moved before the moment.
    package func movements(
        after place: LedgerPlace, through: Int64, until: Timestamp
    ) async throws -> MovementPage {
        try await ledger.auditMovements(
            after: place, through: through, until: until, limit: Self.movementLimit)
    }
}
