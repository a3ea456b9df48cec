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

/// Money that a customer brings, once; the first opens the account.
struct Payment: Sendable {
    let number: Int
    let userID: UserID
    let amount: Amount
    /// As a ``Purchase`` has it.
    let key: String?
}

/// Those who bring money and place orders, as the seed has it; some have no account, and some want
/// more than they have.
///
/// Unchecked for the reason that ``World`` has.
final class Customers: @unchecked Sendable {
    private enum Wish: Sendable {
        case purchase(Purchase)
        case payment(Payment)

        var number: Int {
            switch self {
            case .purchase(let purchase): purchase.number
            case .payment(let payment): payment.number
            }
        }

        var hasKey: Bool {
            switch self {
            case .purchase(let purchase): purchase.key != nil
            case .payment(let payment): payment.key != nil
            }
        }
    }

    /// What a daemon said.
    private enum Answer: Sendable {
        case accepted(OrderID)
        case booked
    }

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
        for (place, user) in users.dropFirst().enumerated() {
            for half in 0..<2 {
                guard let amount = amount(50 * 25 * 60) else { continue }
                let number = -(2 * place + half) - 1
                let payment = Payment(
                    number: number, userID: user, amount: amount,
                    key: world.chance(800) ? "payment\(number)" : nil)
                shop.auditor.expect(payment)
                enter(.payment(payment), within: half == 0 ? span / 4 : span)
            }
        }
        for number in 0..<orders {
            let user = users[world.number(below: users.count)]
            guard let amount = amount(10_000), let words = try? OrderDescription("tea \(number)")
            else { continue }
            let purchase = Purchase(
                number: number,
                request: OrderRequest(userID: user, amount: amount, description: words),
                key: world.chance(800) ? "purchase-\(number)" : nil)
            enter(.purchase(purchase), within: span)
        }
    }

    private func enter(_ wish: Wish, within span: Duration) {
        waiting.insert(wish.number)
        world.after(world.duration(.zero, span)) { [self] in ask(wish) }
    }

    private func amount(_ most: Int) -> Amount? {
        try? Amount(Money(minorUnits: Int64(1 + world.number(below: most))))
    }

    /// Asks any daemon of the service that is up; later, where none is.
    private func ask(_ wish: Wish) {
        let daemons =
            switch wish {
            case .purchase: shop.ordersDaemons
            case .payment: shop.paymentsDaemons
            }
        let first = world.number(below: daemons.count)
        for offset in daemons.indices {
            let daemon = daemons[(first + offset) % daemons.count]
            guard let process = daemon.process, let call = Self.call(wish, at: daemon.door)
            else { continue }
            return attempt(wish, process, call)
        }
        world.after(.seconds(1)) { [self] in ask(wish) }
    }

    /// The request; nil where the daemon's door is not open. Nil for an answer is a refusal.
    private static func call(
        _ wish: Wish, at door: DaemonParts.Door
    ) -> (@Sendable () async throws -> Answer?)? {
        switch wish {
        case .purchase(let purchase):
            guard let placeOrder = door.placeOrder else { return nil }
            return { try await placeOrder(purchase).map(Answer.accepted) }
        case .payment(let payment):
            guard let deposit = door.deposit else { return nil }
            return { try await deposit(payment) ? .booked : nil }
        }
    }

    private func attempt(
        _ wish: Wish, _ process: SimulatedProcess,
        _ call: @escaping @Sendable () async throws -> Answer?
    ) {
        let attempt = Attempt()
        process.start { [self] in
            let answer = try? await call()
            world.after(shop.adversity.latency(world)) { [self] in
                if let answer { answered(wish, answer) }
                settle(attempt, of: wish, hasAnswer: answer != nil)
            }
        }
        world.after(Self.patience) { [self] in settle(attempt, of: wish, hasAnswer: false) }
    }

    private func answered(_ wish: Wish, _ answer: Answer) {
        waiting.remove(wish.number)
        switch (wish, answer) {
        case (.purchase(let purchase), .accepted(let id)):
            world.trace.note(world, "customer", "has a 201", purchase.number, order: id)
            shop.auditor.acknowledge(purchase, id)
        case (.payment(let payment), _):
            world.trace.note(world, "customer", "has paid in", payment.number)
            shop.auditor.acknowledge(payment)
        case (.purchase, .booked): break
        }
    }

    /// Once for each attempt: asks again, or gives up, where there is no answer.
    private func settle(_ attempt: Attempt, of wish: Wish, hasAnswer: Bool) {
        guard !attempt.isSettled else { return }
        attempt.isSettled = true
        guard !hasAnswer else { return }
        guard wish.hasKey else {
            waiting.remove(wish.number)
            return
        }
        guard waiting.contains(wish.number) else { return }
        world.after(world.duration(.milliseconds(100), .seconds(2))) { [self] in ask(wish) }
    }

    /// Unchecked for the reason that ``World`` has.
    private final class Attempt: @unchecked Sendable {
        var isSettled = false
    }
}
