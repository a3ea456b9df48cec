import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

struct OrderTests {
    /// Where an order stands before an outcome.
    enum Start: CaseIterable {
        case pending, paid, insufficientFunds, accountNotFound, failedWithoutReason

        var status: OrderStatus {
            switch self {
            case .pending: .pending
            case .paid: .paid
            case .insufficientFunds, .accountNotFound, .failedWithoutReason: .failed
            }
        }

        var reason: FailureReason? {
            switch self {
            case .insufficientFunds: .insufficientFunds
            case .accountNotFound: .accountNotFound
            case .pending, .paid, .failedWithoutReason: nil
            }
        }
    }

    /// In what an outcome differs from its order.
    enum Mismatch: CaseIterable { case none, user, amount, both }

    private static let verdicts: [PaymentOutcome.Verdict] = [
        .paid, .failed(.insufficientFunds), .failed(.accountNotFound), .failed(nil),
    ]

    private func order(_ start: Start) throws -> Order {
        let request = OrderRequest(
            userID: try UserID("ada"), amount: try Amount(decimal: "42.50"),
            description: try OrderDescription("tea"))
        return Order(
            id: try orderID(1), request: request, status: start.status, failureReason: start.reason,
            createdAt: Timestamp(microseconds: 1), updatedAt: Timestamp(microseconds: 2))
    }

    private func outcome(
        _ verdict: PaymentOutcome.Verdict, _ mismatch: Mismatch = .none
    ) throws -> PaymentOutcome {
        PaymentOutcome(
            orderID: try orderID(1),
            userID: try UserID(mismatch == .user || mismatch == .both ? "bob" : "ada"),
            amount: try Amount(
                decimal: mismatch == .amount || mismatch == .both ? "42.51" : "42.50"),
            verdict: verdict)
    }

    @Test(arguments: verdicts)
    func `a pending order ends by the first outcome, with its reason`(
        verdict: PaymentOutcome.Verdict
    ) throws {
        var order = try order(.pending)
        #expect(order.settle(by: try outcome(verdict)) == .settled)
        switch verdict {
        case .paid:
            #expect(order.status == .paid)
            #expect(order.failureReason == nil)
        case .failed(let reason):
            #expect(order.status == .failed)
            #expect(order.failureReason == reason)
        }
    }

    @Test(arguments: Start.allCases, verdicts)
    func `an order that has ended never changes, and tells a repeat from a contradiction`(
        start: Start, verdict: PaymentOutcome.Verdict
    ) throws {
        guard start != .pending else { return }
        let before = try order(start)
        var order = before
        let settlement = order.settle(by: try outcome(verdict))
        #expect(order == before)
        if (verdict == .paid) == (start == .paid) {
            #expect(settlement == .repeated)
        } else {
            #expect(settlement == .contradicts("order is \(start.status.rawValue) already"))
        }
    }

    @Test(arguments: Start.allCases, Mismatch.allCases)
    func `an outcome for another user or amount changes nothing`(
        start: Start, mismatch: Mismatch
    ) throws {
        guard mismatch != .none else { return }
        for verdict in Self.verdicts {
            let before = try order(start)
            var order = before
            #expect(
                order.settle(by: try outcome(verdict, mismatch))
                    == .contradicts("user or amount differ from the order's"))
            #expect(order == before)
        }
    }

    @Test func `of all sequences of outcomes none flips an order`() throws {
        for first in Self.verdicts {
            var order = try order(.pending)
            _ = order.settle(by: try outcome(first))
            let end = order
            for second in Self.verdicts {
                for third in Self.verdicts {
                    _ = order.settle(by: try outcome(second))
                    _ = order.settle(by: try outcome(third))
                    #expect(order == end)
                }
            }
        }
    }

    @Test func `the announcement says what was ordered`() throws {
        let order = try order(.pending)
        let event = Order.created(order.id, order.request)
        #expect(event.orderID == order.id)
        #expect(event.userID == order.request.userID)
        #expect(event.amount == order.request.amount)
        #expect(event.description == order.request.description)
    }

    @Test func `a new order is pending`() throws {
        let now = Timestamp(microseconds: 1)
        let order = Order(
            id: try orderID(1), request: try order(.paid).request, createdAt: now, updatedAt: now)
        #expect(order.status == .pending)
        #expect(order.failureReason == nil)
    }

    @Test func `the words on the wire are the contract's`() {
        #expect(OrderStatus.allCases.map(\.rawValue) == ["PENDING", "PAID", "FAILED"])
    }
}
