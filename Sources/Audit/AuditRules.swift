package import SharedKernel

/// Something that must not be, and where.
package struct AuditFinding: Hashable, Sendable {
    /// Which invariant does not hold.
    package enum Invariant: String, Sendable {
        /// What came into an account less what its orders took is its balance.
        case moneyIsConserved = "I1"
        /// An order has one end, and both services tell the same.
        case oneEnd = "I2"
        /// A paid order has one debit, of its amount, from its customer; any other has none.
        case oneDebit = "I3"
        /// Nothing is lost on the way: what waits for its end will be announced again, and at rest
        /// nothing waits.
        case nothingIsLost = "I4"
        /// No balance is below zero.
        case noDebt = "I5"
    }

    /// An order's id, or a user's.
    package let subject: String
    package let invariant: Invariant
    /// One line.
    package let words: String

    /// - Parameters: as the properties.
    package init(_ subject: String, _ invariant: Invariant, _ words: String) {
        self.subject = subject
        self.invariant = invariant
        self.words = words
    }
}

/// What to say of an order.
package enum AuditVerdict: Hashable, Sendable {
    case agrees
    /// It has not reached its end; nothing says that it will not.
    case inFlight
    /// It must not be.
    case wrong(AuditFinding)
}

/// The rules: pure, of one order or one account.
///
/// Orders and Payments are read one after the other while both go on, so what is wrong of two pages
/// may merely be late: before anything is called wrong the order is read once more, and then the
/// charge. After that no delay explains it, for an order is committed before it is charged, and
/// charged before it ends.
package enum AuditRules {
    /// Holds what Orders and Payments have of one order against each other; at least one has it.
    package static func verdict(
        _ order: AuditedOrder?, _ charge: AuditedCharge?, _ id: OrderID
    ) -> AuditVerdict {
        if let charge, let words = contradiction(in: charge) { return wrong(id, .oneDebit, words) }
        guard let order else {
            return wrong(id, .oneDebit, "decided by Payments, unknown to Orders")
        }
        if let finding = contradiction(in: order) { return .wrong(finding) }
        guard let decision = charge?.decision else {
            switch order.status {
            case .pending: return .inFlight
            case .paid: return wrong(id, .oneDebit, "PAID without a charge")
            case .failed: return wrong(id, .oneEnd, "FAILED without a decision of Payments")
            }
        }
        guard decision.userID.utf8.elementsEqual(order.userID.utf8) else {
            return wrong(id, .oneDebit, "ordered by \(order.userID), charged to \(decision.userID)")
        }
        guard decision.amount == order.amount else {
            return wrong(
                id, .oneDebit, "ordered for \(order.amount), decided for \(decision.amount)")
        }
        switch (order.status, decision.isPaid) {
        case (.pending, _): return .inFlight
        case (.paid, true), (.failed, false): return .agrees
        case (.paid, false): return wrong(id, .oneEnd, "PAID, but Payments refused it")
        case (.failed, true): return wrong(id, .oneEnd, "FAILED, but Payments took the money")
        }
    }

    /// What Payments alone must not have: a decision and its debit are committed together.
    private static func contradiction(in charge: AuditedCharge) -> String? {
        guard let debits = charge.debits else {
            return charge.decision?.isPaid == true ? "decided as paid, never debited" : nil
        }
        guard debits.count == 1 else {
            return "debited \(debits.count) times, \(debits.amount) in all"
        }
        guard let decision = charge.decision else { return "debited without a decision" }
        guard decision.isPaid else { return "refused, but debited \(debits.amount)" }
        guard debits.amount.minorUnits == Int128(decision.amount.minorUnits) else {
            return "decided for \(decision.amount), debited \(debits.amount)"
        }
        guard let user = debits.userID else { return "debited from an account that is not there" }
        guard user.utf8.elementsEqual(decision.userID.utf8) else {
            return "decided for \(decision.userID), debited from \(user)"
        }
        return nil
    }

    /// What Orders alone must not have: an order, its history and its place among those that wait
    /// are committed together.
    private static func contradiction(in order: AuditedOrder) -> AuditFinding? {
        func finding(_ invariant: AuditFinding.Invariant, _ words: String) -> AuditFinding {
            AuditFinding(order.id.description, invariant, words)
        }
        guard order.ends.count < 2 else { return finding(.oneEnd, "its history has two ends") }
        switch (order.status, order.ends.first) {
        case (.pending, nil):
            return order.isAwaited
                ? nil : finding(.nothingIsLost, "PENDING, but nobody will announce it again")
        case (.pending, let end?):
            return finding(.oneEnd, "PENDING, but its history ends \(end.rawValue)")
        case (let status, nil):
            return finding(.oneEnd, "\(status.rawValue) without a history of it")
        case (let status, let end?) where status != end:
            return finding(.oneEnd, "\(status.rawValue), but its history ends \(end.rawValue)")
        default:
            return order.isAwaited
                ? finding(.oneEnd, "\(order.status.rawValue), but still announced again") : nil
        }
    }

    /// Holds a balance against all movements of the account.
    package static func finding(
        _ account: AuditedAccount, _ movements: AuditedAccount.Movements
    ) -> AuditFinding? {
        if account.balance < .zero {
            return AuditFinding(account.userID, .noDebt, "the balance is \(account.balance)")
        }
        let moved = movements.deposited - movements.charged
        guard moved.minorUnits == Int128(account.balance.minorUnits) else {
            return AuditFinding(
                account.userID, .moneyIsConserved,
                "the balance is \(account.balance), the movements come to \(moved)")
        }
        return nil
    }

    private static func wrong(
        _ id: OrderID, _ invariant: AuditFinding.Invariant, _ words: String
    ) -> AuditVerdict {
        .wrong(AuditFinding(id.description, invariant, words))
    }
}
