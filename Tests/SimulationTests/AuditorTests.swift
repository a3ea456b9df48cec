import OrdersApplication
import OrdersDomain
import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

@testable import Simulation

/// An auditor that finds nothing is worth nothing.
struct AuditorTests {
    private let world = World(seed: 1, stepLimit: 1)
    private let orders = InMemoryOrderRepository()
    private let accounts = InMemoryAccountRepository()
    private let auditor: Auditor

    init() { auditor = Auditor(world, orders, accounts) }

    private func place(_ number: Int, _ amount: String) async throws -> Purchase {
        let request = OrderRequest(
            userID: try UserID("alice"), amount: try Amount(decimal: amount),
            description: try OrderDescription(""))
        _ = try await orders.add(request, as: orderID(number), claim: nil, correlation: .none)
        return Purchase(number: number, request: request, key: nil)
    }

    private func settle(_ number: Int, _ amount: String, _ verdict: PaymentOutcome.Verdict)
        async throws
    {
        let outcome = PaymentOutcome(
            orderID: try orderID(number), userID: try UserID("alice"),
            amount: try Amount(decimal: amount), verdict: verdict)
        _ = try await orders.settle([outcome]) { outcome, order in order?.settle(by: outcome) }
        auditor.ordersChanged([outcome.orderID])
    }

    @Test func `a shop in order is left alone`() async throws {
        let purchase = try await place(1, "1.00")
        auditor.acknowledge(purchase, try orderID(1))
        try await settle(1, "1.00", .failed(.accountNotFound))
        auditor.auditEnd()
        #expect(world.violation == nil)
    }

    @Test func `PAID without a debit is found`() async throws {
        _ = try await place(1, "1.00")
        try await settle(1, "1.00", .paid)
        #expect(world.violation?.invariant == "one debit per PAID")
    }

    @Test func `an answer without an order is found`() async throws {
        let purchase = try await place(1, "1.00")
        auditor.acknowledge(purchase, try orderID(2))
        #expect(world.violation?.invariant == "acknowledged orders exist")
    }

    @Test func `two orders for one purchase are found`() async throws {
        _ = try await place(1, "1.00")
        _ = try await place(2, "1.00")
        auditor.ordersChanged([try orderID(1), try orderID(2)])
        #expect(world.violation?.invariant == "one order per key")
    }

    @Test func `an order that never ends is found`() async throws {
        _ = try await place(1, "1.00")
        auditor.ordersChanged([try orderID(1)])
        auditor.auditEnd()
        #expect(world.violation?.invariant == "every order ends")
    }

    @Test func `an order stored behind its back is found`() async throws {
        _ = try await place(1, "1.00")
        auditor.auditAll()
        #expect(world.violation?.invariant == "all is seen")
    }

    @Test func `a debit without an order is found`() async throws {
        try await pay("5.00")
        let request = ChargeRequest(
            messageID: nil, order: try orderCreated(9, by: "alice", "1.00"), correlation: .none)
        _ = try await accounts.charge([request]) { order, book in book.charge(order) }
        auditor.auditAll()
        #expect(world.violation?.invariant == "no debit without an order")
    }

    /// Opens the account and brings money, as often as was expected or not.
    private func pay(_ amount: String, times: Int = 1) async throws {
        let payment = Payment(
            number: 1, userID: try UserID("alice"), amount: try Amount(decimal: amount), key: nil)
        auditor.expect(payment)
        _ = try await accounts.open(payment.userID)
        for _ in 0..<times { _ = try await accounts.deposit(payment.amount, to: payment.userID) }
        auditor.accountsChanged([payment.userID])
    }

    @Test func `a deposit that is booked twice is found`() async throws {
        try await pay("5.00")
        #expect(world.violation == nil)
        try await pay("6.00", times: 2)
        #expect(world.violation?.invariant == "one deposit per key")
    }

    @Test func `a receipt without a deposit is found`() async throws {
        let payment = Payment(
            number: 1, userID: try UserID("alice"), amount: try Amount(decimal: "5.00"), key: "k")
        auditor.expect(payment)
        auditor.acknowledge(payment)
        #expect(world.violation?.invariant == "acknowledged deposits exist")
    }

    @Test func `a broken promise is told with seed, step, events and the way back`() {
        var simulation = Simulation(seed: 5, orders: 20)
        simulation.stepLimit = 400
        let report = simulation.run().report(events: 7)
        #expect(report.hasPrefix("seed 5, step 400, "))
        #expect(report.contains("broken: an end"))
        #expect(report.hasSuffix("again: make simulate SEED=5 ORDERS=20"))
        #expect(report.split(separator: "\n").count == 11)
    }
}
