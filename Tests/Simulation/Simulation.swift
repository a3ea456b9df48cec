import Messaging
import TestDoubles

/// One run of the shop in a world of its own, by a seed.
///
/// It runs on the thread that calls it and gives it back when the run is over; no task may be on
/// that thread meanwhile.
package struct Simulation {
    /// The seed that chooses everything.
    package let seed: UInt64
    /// How many orders customers place.
    package let orders: Int
    /// Which faults there are.
    package var adversity: Adversity
    /// A daemon, by its place among all, and the step of its first life before which it is killed.
    package var fatalStep: (daemon: Int, step: Int)?

    /// A run that takes more steps goes round in circles.
    var stepLimit: Int

    /// How long customers come and faults happen.
    private static let opening: Duration = .seconds(60)
    /// How long after that the last trace of it must be gone.
    private static let recovery: Duration = .seconds(240)

    /// - Parameters:
    ///   - seed: the same gives the same run.
    ///   - orders: how many are placed.
    ///   - adversity: nil for the seed's own.
    package init(seed: UInt64, orders: Int, adversity: Adversity? = nil) {
        self.seed = seed
        self.orders = orders
        stepLimit = 200_000 + orders * 2_000
        self.adversity = adversity ?? Adversity(seed: seed)
    }

    /// Runs it to its end.
    package func run() -> SimulationResult {
        let world = World(seed: seed, stepLimit: stepLimit)
        let shop = Shop(world, adversity)
        let customers = Customers(of: shop)
        let saboteur = Saboteur(of: shop)
        if let fatalStep {
            let daemons = shop.ordersDaemons + shop.paymentsDaemons
            daemons[fatalStep.daemon].fatalStep = fatalStep.step
        }
        shop.open()
        customers.plan(orders: orders, within: Self.opening)
        saboteur.plan(within: Self.opening)
        inspect(shop, customers)
        let limit = (Self.opening + Self.recovery).wholeMicroseconds
        let calm = (Self.opening + .seconds(1)).wholeMicroseconds
        var isOver = false
        var check: () -> Void = {}
        check = {
            isOver =
                world.now > limit || world.now > calm && customers.waitingCount == 0 && shop.isQuiet
            if !isOver { world.after(.milliseconds(500), check) }
        }
        world.after(.milliseconds(500), check)
        world.run { isOver }
        if customers.waitingCount > 0 {
            world.fail("every customer gets an answer", "\(customers.waitingCount) wait")
        }
        conclude(shop, saboteur)
        return SimulationResult(self, shop, customers)
    }

    /// Audits everything now and then, on top of what each commit is audited for.
    private func inspect(_ shop: Shop, _ customers: Customers) {
        shop.world.after(.seconds(10)) {
            shop.auditor.auditAll()
            inspect(shop, customers)
        }
    }

    private func conclude(_ shop: Shop, _ saboteur: Saboteur) {
        shop.auditor.auditEnd()
        let world = shop.world
        let left = [
            ("orders' outbox", shop.ordersDatabase.outbox.count),
            ("payments' outbox", shop.paymentsDatabase.outbox.count),
            ("queues", shop.broker.messageCount),
        ]
        for (place, count) in left where count > 0 {
            world.fail("queues and outboxes run empty", "\(count) in \(place)")
        }
        let parked = [shop.ordersDatabase, shop.paymentsDatabase]
            .flatMap(\.parking.messages).map(\.delivery.body)
        let poison = saboteur.poison.filter { !shop.broker.lost.contains($0) }
        for body in poison where !parked.contains(body) {
            world.fail("poison is parked", String(decoding: body, as: UTF8.self))
        }
        if let wrong = parked.first(where: { !saboteur.poison.contains($0) }) {
            world.fail("nothing but poison is parked", String(decoding: wrong, as: UTF8.self))
        }
    }
}

/// What a run came to.
package struct SimulationResult: Sendable {
    /// The run's seed.
    package let seed: UInt64
    /// How many orders were to be placed.
    package let orders: Int
    /// How many were answered with a 201.
    package let acknowledged: Int
    /// How many are in the orders' database.
    package let stored: Int
    /// How many were charged.
    package let paid: Int
    /// The scheduler's steps.
    package let steps: Int
    /// Virtual microseconds.
    package let time: Int64
    /// A sum over every step and event: two runs with the same sum are the same run.
    package let traceSum: UInt64
    /// The promise that was broken; nil where all held.
    package let violation: Violation?
    /// The last events, oldest first.
    package let events: [String]

    init(_ simulation: Simulation, _ shop: Shop, _ customers: Customers) {
        seed = simulation.seed
        orders = simulation.orders
        acknowledged = shop.auditor.acknowledged.count
        stored = shop.auditor.storedCount
        paid = shop.auditor.paidCount
        steps = shop.world.steps
        time = shop.world.now
        traceSum = shop.world.trace.sum
        violation = shop.world.violation
        events = shop.world.trace.last(4_096)
    }

    /// What to print where a promise was broken: seed, step, promise, the last events, and the
    /// command that shows it again.
    ///
    /// - Parameter limit: how many events.
    package func report(events limit: Int = 40) -> String {
        guard let violation else { return "seed \(seed): all promises held" }
        return """
            seed \(seed), step \(violation.step), \(violation.at) µs: broken: \(violation.invariant)
              \(violation.details)
            the last events:
            \(events.suffix(limit).map { "  " + $0 }.joined(separator: "\n"))
            again: make simulate SEED=\(seed) ORDERS=\(orders)
            """
    }
}
