import OrdersDomain
import SharedKernel
import TestDoubles

/// What a customer wants to buy, once.
struct Purchase: Sendable {
    let number: Int
    let request: OrderRequest
    /// The idempotency key of a customer who asks again until there is an answer; nil for one who
    /// asks once.
    let key: String?
}

/// A customer who brings money.
struct AccountOpening: Sendable {
    let userID: UserID
    let amount: Amount
}

/// Those who bring money and place orders, as the seed has it; some have no account, and some want
/// more than they have.
///
/// Unchecked for the reason that ``World`` has.
final class Customers: @unchecked Sendable {
    private let shop: Shop
    private var world: World { shop.world }
    private var waiting: Set<Int> = []

    /// How long a customer waits for an answer before asking again.
    private static let patience: Duration = .seconds(10)

    init(of shop: Shop) { self.shop = shop }

    /// How many have no answer yet and go on asking, or have not asked yet.
    var waitingCount: Int { waiting.count }

    /// Enters what all customers will do, over so much time.
    func plan(orders: Int, within span: Duration) {
        let users = (0..<max(2, orders / 25)).compactMap { try? UserID("customer-\($0)") }
        for user in users.dropFirst() {
            guard let amount = amount(100 * 25 * 60) else { continue }
            let opening = AccountOpening(userID: user, amount: amount)
            world.after(world.duration(.zero, span / 4)) { [self] in open(opening) }
        }
        for number in 0..<orders {
            let user = users[world.number(below: users.count)]
            guard let amount = amount(10_000), let words = try? OrderDescription("tea \(number)")
            else { continue }
            let purchase = Purchase(
                number: number,
                request: OrderRequest(userID: user, amount: amount, description: words),
                key: world.chance(800) ? "purchase-\(number)" : nil)
            waiting.insert(number)
            world.after(world.duration(.zero, span)) { [self] in place(purchase) }
        }
    }

    private func amount(_ most: Int) -> Amount? {
        try? Amount(Money(minorUnits: Int64(1 + world.number(below: most))))
    }

    private func open(_ opening: AccountOpening) {
        for daemon in shop.paymentsDaemons {
            guard let process = daemon.process, let door = daemon.door.openAccount else { continue }
            process.start { try? await door(opening) }
            return
        }
        world.after(.seconds(1)) { [self] in open(opening) }
    }

    private func place(_ purchase: Purchase) {
        let first = world.number(below: shop.ordersDaemons.count)
        for offset in shop.ordersDaemons.indices {
            let daemon = shop.ordersDaemons[(first + offset) % shop.ordersDaemons.count]
            guard let process = daemon.process, let door = daemon.door.placeOrder else { continue }
            return ask(purchase, process, door)
        }
        world.after(.seconds(1)) { [self] in place(purchase) }
    }

    private func ask(
        _ purchase: Purchase, _ process: SimulatedProcess,
        _ door: @escaping @Sendable (Purchase) async throws -> OrderID?
    ) {
        let attempt = Attempt()
        process.start { [self] in
            let id = try? await door(purchase)
            world.after(shop.adversity.latency(world)) { [self] in
                if let id { answered(purchase, id) }
                settle(attempt, of: purchase, hasAnswer: id != nil)
            }
        }
        world.after(Self.patience) { [self] in settle(attempt, of: purchase, hasAnswer: false) }
    }

    private func answered(_ purchase: Purchase, _ id: OrderID) {
        world.trace.note(world, "customer", "has a 201", purchase.number, order: id)
        waiting.remove(purchase.number)
        shop.auditor.acknowledge(purchase, id)
    }

    /// Once for each attempt: asks again, or gives up, where there is no answer.
    private func settle(_ attempt: Attempt, of purchase: Purchase, hasAnswer: Bool) {
        guard !attempt.isSettled else { return }
        attempt.isSettled = true
        guard !hasAnswer else { return }
        guard purchase.key != nil else {
            waiting.remove(purchase.number)
            return
        }
        guard waiting.contains(purchase.number) else { return }
        world.after(world.duration(.milliseconds(100), .seconds(2))) { [self] in place(purchase) }
    }

    /// Unchecked for the reason that ``World`` has.
    private final class Attempt: @unchecked Sendable {
        var isSettled = false
    }
}
