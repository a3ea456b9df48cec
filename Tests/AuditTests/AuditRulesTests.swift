import Audit
import SharedKernel
import Testing

@Suite struct AuditRulesTests {
    private let id: OrderID

    init() throws { id = try #require(OrderID("01a2033e-9796-7000-bcd0-34327d45d9d9")) }

    private func order(
        _ status: AuditedOrder.Status, _ cents: Int64 = 3_000, by user: String = "ada",
        ends: [AuditedOrder.Status]? = nil, isAwaited: Bool? = nil
    ) -> AuditedOrder {
        AuditedOrder(
            id: id, userID: user, amount: Money(minorUnits: cents), status: status,
            ends: ends ?? (status == .pending ? [] : [status]),
            isAwaited: isAwaited ?? (status == .pending))
    }

    private func charge(
        paid: Bool? = true, _ cents: Int64 = 3_000, of user: String = "ada",
        debit: Int128? = 3_000, times: Int = 1, from payer: String? = "ada"
    ) -> AuditedCharge {
        AuditedCharge(
            orderID: id,
            decision: paid.map {
                .init(userID: user, amount: Money(minorUnits: cents), isPaid: $0)
            },
            debits: debit.map {
                .init(count: times, amount: MoneyTotal(minorUnits: $0), userID: payer)
            })
    }

    private func invariant(
        _ order: AuditedOrder?, _ charge: AuditedCharge?
    ) -> AuditFinding.Invariant? {
        guard case .wrong(let finding) = AuditRules.verdict(order, charge, id) else { return nil }
        #expect(finding.subject == id.description && !finding.words.isEmpty)
        return finding.invariant
    }

    @Test func `an end that both tell alike agrees`() {
        #expect(AuditRules.verdict(order(.paid), charge(), id) == .agrees)
        let refused = charge(paid: false, debit: nil)
        #expect(AuditRules.verdict(order(.failed), refused, id) == .agrees)
    }

    @Test func `what has not reached its end is in flight, charged or not`() {
        #expect(AuditRules.verdict(order(.pending), nil, id) == .inFlight)
        #expect(AuditRules.verdict(order(.pending), charge(), id) == .inFlight)
        #expect(
            AuditRules.verdict(order(.pending), charge(paid: false, debit: nil), id) == .inFlight)
    }

    @Test func `an end that Payments does not tell is wrong`() {
        #expect(invariant(order(.paid), nil) == .oneDebit)
        #expect(invariant(order(.failed), nil) == .oneEnd)
        #expect(invariant(order(.paid), charge(paid: false, debit: nil)) == .oneEnd)
        #expect(invariant(order(.failed), charge()) == .oneEnd)
        #expect(invariant(nil, charge()) == .oneDebit)
    }

    @Test func `another amount or another customer is wrong, whatever the status`() {
        for status in [.pending, .paid] as [AuditedOrder.Status] {
            #expect(invariant(order(status, 2_999), charge()) == .oneDebit)
            #expect(invariant(order(status, by: "eve"), charge()) == .oneDebit)
        }
    }

    @Test func `a decision without its debit, or a debit without its decision, is wrong`() {
        #expect(invariant(order(.paid), charge(debit: nil)) == .oneDebit)
        #expect(invariant(order(.failed), charge(paid: false)) == .oneDebit)
        #expect(invariant(order(.paid), charge(paid: nil)) == .oneDebit)
        #expect(invariant(order(.paid), charge(debit: 2_999)) == .oneDebit)
        #expect(invariant(order(.paid), charge(from: "eve")) == .oneDebit)
        #expect(invariant(order(.paid), charge(from: nil)) == .oneDebit)
        #expect(invariant(order(.pending), charge(paid: nil)) == .oneDebit, "no excuse in flight")
    }

    @Test func `a second debit is wrong, also where both together are the amount`() {
        #expect(invariant(order(.paid), charge(debit: 6_000, times: 2)) == .oneDebit)
        #expect(invariant(order(.paid), charge(debit: 3_000, times: 2)) == .oneDebit)
    }

    @Test func `an order has one end, and its history tells that one`() {
        #expect(invariant(order(.paid, ends: [.paid, .failed]), charge()) == .oneEnd)
        #expect(invariant(order(.paid, ends: [.failed]), charge()) == .oneEnd)
        #expect(invariant(order(.paid, ends: []), charge()) == .oneEnd)
        #expect(invariant(order(.pending, ends: [.paid]), charge()) == .oneEnd)
        #expect(invariant(order(.paid, isAwaited: true), charge()) == .oneEnd)
    }

    @Test func `an order that waits and that nobody will announce again is lost`() {
        #expect(invariant(order(.pending, isAwaited: false), nil) == .nothingIsLost)
    }

    @Test(
        arguments: [
            (5_000, 8_000, 3_000, nil), (5_001, 8_000, 3_000, .moneyIsConserved),
            (-1, 0, 1, .noDebt), (0, 0, 0, nil),
        ] as [(Int64, Int128, Int128, AuditFinding.Invariant?)])
    func `a balance is what came in less what went out, and not below zero`(
        balance: Int64, deposited: Int128, charged: Int128, invariant: AuditFinding.Invariant?
    ) {
        let account = AuditedAccount(
            number: 1, userID: "ada", balance: Money(minorUnits: balance), recent: .init())
        let movements = AuditedAccount.Movements(
            deposited: MoneyTotal(minorUnits: deposited),
            charged: MoneyTotal(minorUnits: charged))
        #expect(AuditRules.finding(account, movements)?.invariant == invariant)
    }
}
