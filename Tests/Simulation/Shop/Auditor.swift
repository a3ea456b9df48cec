import OrdersDomain
import PaymentsDomain
import SharedKernel
import TestDoubles

/// Holds both services to Kassa's promises, after every commit.
///
/// It sees what no service sees, both databases at once, and keeps books of its own.
///
/// Unchecked for the reason that ``World`` has.
final class Auditor: @unchecked Sendable {
    private let world: World
    private let orders: InMemoryOrderRepository
    private let accounts: InMemoryAccountRepository
    private var balances: [UserID: Money] = [:]
    private var charges: [OrderID: Transfer] = [:]
    private var ends: [OrderID: OrderStatus] = [:]
    private var known: Set<OrderID> = []
    private var entriesSeen = 0
    /// A sum that a customer brings.
    private struct Sum: Hashable {
        let userID: UserID
        let amount: Amount
    }

    /// How often each sum is brought, is in the ledger, and was told of to its customer.
    private var brought: [Sum: Int] = [:]
    private var booked: [Sum: Int] = [:]
    private var receipts: [Sum: Int] = [:]
    /// Orders whose customer has had a 201.
    private(set) var acknowledged: [OrderID: OrderRequest] = [:]
    /// The order that stands for each purchase that was answered, by its number.
    private var answers: [Int: OrderID] = [:]
    /// Numbers of payments that were answered.
    private var answeredPayments: Set<Int> = []
    /// Orders by what was asked for, which no two purchases share.
    private var wanted: [OrderRequest: OrderID] = [:]

    init(_ world: World, _ orders: InMemoryOrderRepository, _ accounts: InMemoryAccountRepository) {
        self.world = world
        self.orders = orders
        self.accounts = accounts
    }

    var storedCount: Int { known.count }
    var pendingCount: Int { known.count - ends.count }
    var paidCount: Int { charges.count }

    /// A customer has the answer that the order is accepted.
    func acknowledge(_ purchase: Purchase, _ id: OrderID) {
        acknowledged[id] = purchase.request
        if orders.orders[id]?.request != purchase.request {
            world.fail("acknowledged orders exist", "order \(id) is not stored as answered")
        }
        if let earlier = answers.updateValue(id, forKey: purchase.number), earlier != id {
            world.fail("one order per key", "\(purchase.number) is \(earlier) and \(id)")
        }
    }

    /// A customer brings money, which is to be booked once, however often it is asked for.
    func expect(_ payment: Payment) {
        brought[Sum(userID: payment.userID, amount: payment.amount), default: 0] += 1
    }

    /// A customer has the answer that the money is booked.
    func acknowledge(_ payment: Payment) {
        guard answeredPayments.insert(payment.number).inserted else { return }
        let sum = Sum(userID: payment.userID, amount: payment.amount)
        receipts[sum, default: 0] += 1
        readLedger()
        if booked[sum] ?? 0 < receipts[sum] ?? 0 {
            world.fail("acknowledged deposits exist", "\(payment.amount) of \(payment.userID)")
        }
    }

    // MARK: After a commit

    func ordersChanged(_ ids: [OrderID]) {
        let stored = orders.orders
        for id in ids {
            guard let order = stored[id] else { continue }
            if known.insert(id).inserted, let other = wanted.updateValue(id, forKey: order.request)
            {
                world.fail("one order per key", "orders \(other) and \(id) are one purchase")
            }
            if let end = ends[id], end != order.status {
                world.fail("one ending", "order \(id) was \(end) and is \(order.status)")
            }
            guard order.status != .pending else { continue }
            ends[id] = order.status
            check(order)
        }
    }

    func accountsChanged(_ users: [UserID]) {
        readLedger()
        let stored = accounts.accounts
        for user in users { check(user, stored[user]) }
    }

    private func readLedger() {
        let ledger = accounts.ledger
        for entry in ledger[entriesSeen...] {
            let balance = balances[entry.userID] ?? .zero
            switch entry.cause {
            case .deposit:
                balances[entry.userID] = balance.adding(entry.amount.money)
                let sum = Sum(userID: entry.userID, amount: entry.amount)
                booked[sum, default: 0] += 1
                if booked[sum] ?? 0 > brought[sum] ?? 0 {
                    world.fail("one deposit per key", "\(entry.amount) for \(entry.userID) again")
                }
            case .charge(let order):
                if charges.updateValue(entry, forKey: order) != nil {
                    world.fail("exactly-once debit", "order \(order) is charged twice")
                }
                guard let rest = balance.subtracting(entry.amount.money) else {
                    world.fail("balances never below 0", "\(entry.userID) pays \(entry.amount)")
                    continue
                }
                balances[entry.userID] = rest
            }
        }
        entriesSeen = ledger.count
    }

    private func check(_ user: UserID, _ account: Account?) {
        let booked = balances[user] ?? .zero
        guard let account else {
            if booked != .zero { world.fail("money is conserved", "\(user) has no account") }
            return
        }
        if account.balance != booked {
            world.fail(
                "money is conserved",
                "\(user) has \(account.balance), by the ledger \(booked)")
        }
    }

    /// An order that has ended: PAID stands on one debit of its own amount, FAILED on none.
    private func check(_ order: Order) {
        let charge = charges[order.id]
        switch order.status {
        case .pending: break
        case .paid:
            guard charge?.amount == order.request.amount, charge?.userID == order.request.userID
            else { return world.fail("one debit per PAID", "order \(order.id): \(charge as Any)") }
        case .failed:
            if charge != nil { world.fail("no debit per FAILED", "order \(order.id)") }
        }
    }

    // MARK: In between and in the end

    /// Everything from the beginning, by nobody's hints.
    func auditAll() {
        readLedger()
        let stored = orders.orders
        for (user, account) in accounts.accounts { check(user, account) }
        for (id, order) in stored {
            if !known.contains(id) { world.fail("all is seen", "order \(id) was stored unseen") }
            check(order)
        }
        for (id, request) in acknowledged where stored[id]?.request != request {
            world.fail("acknowledged orders exist", "order \(id) is gone")
        }
        for order in charges.keys where stored[order] == nil {
            world.fail("no debit without an order", "order \(order)")
        }
    }

    /// When nothing moves any more: every order has ended.
    func auditEnd() {
        auditAll()
        guard let stuck = known.subtracting(ends.keys).min() else { return }
        world.fail("every order ends", "\(pendingCount) PENDING, such as \(stuck)")
    }
}
