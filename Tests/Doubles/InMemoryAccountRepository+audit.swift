package import PaymentsApplication
import PaymentsDomain
package import SharedKernel

extension InMemoryAccountRepository: LedgerAudit {
    package func auditCharges(before: OrderID?, limit: Int) async throws -> [ChargeAuditRow] {
        try faults.check()
        return decisions.keys.sorted(by: >).filter { id in before.map { id < $0 } ?? true }
            .prefix(limit).compactMap(charge)
    }

    package func auditCharge(of order: OrderID) async throws -> ChargeAuditRow? {
        try faults.check()
        return charge(order)
    }

    package func auditAccounts(
        after number: Int64, limit: Int, movementsSince since: Timestamp
    ) async throws -> [AccountAuditRow] {
        try faults.check()
        let bound = MessageID(notBefore: since).description
        return accounts.values.sorted { $0.number < $1.number }.filter { $0.number > number }
            .prefix(limit).map { account in
                let recent = ledger.filter { $0.userID == account.userID && $0.id >= bound }
                return AccountAuditRow(
                    number: account.number, userID: account.userID.text, balance: account.balance,
                    recent: recent.reduce(into: MovementSums()) { $0.add($1) })
            }
    }

    package func auditMovements(
        after place: LedgerPlace, through: Int64, until: Timestamp, limit: Int
    ) async throws -> MovementPage {
        try faults.check()
        let bound = MessageID(notBefore: until).description
        let accounts = accounts
        let piece = ledger.map { (account: accounts[$0.userID]?.number ?? 0, transfer: $0) }
            .filter { account, transfer in
                let isBehind =
                    account > place.account
                    || account == place.account
                        && place.transfer.map { transfer.id > $0.description } ?? false
                return isBehind && account <= through && transfer.id < bound
            }
            .sorted { ($0.account, $0.transfer.id) < ($1.account, $1.transfer.id) }
            .prefix(limit)
        var sums: [Int64: MovementSums] = [:]
        for (account, transfer) in piece { sums[account, default: MovementSums()].add(transfer) }
        let last = piece.count == limit ? piece.last : nil
        return MovementPage(
            sums: sums,
            next: last.map {
                LedgerPlace(account: $0.account, transfer: MessageID($0.transfer.id))
            })
    }

    private func charge(_ id: OrderID) -> ChargeAuditRow? {
        decisions[id].map { outcome in
            let debits = ledger.filter { $0.cause == .charge(id) }
            return ChargeAuditRow(
                orderID: id,
                decision: .init(
                    userID: outcome.userID.text, amount: outcome.amount.money,
                    isPaid: outcome.verdict == .paid),
                debits: debits.first.map { debit in
                    .init(
                        count: debits.count,
                        amount: debits.reduce(.zero) { $0 + $1.amount.money },
                        userID: debit.userID.text)
                })
        }
    }
}

extension MovementSums {
    fileprivate mutating func add(_ transfer: Transfer) {
        if transfer.cause == .deposit {
            deposited = deposited + transfer.amount.money
        } else {
            charged = charged + transfer.amount.money
        }
    }
}
