import Messaging
import SharedKernel
import TestDoubles

/// Orders, Payments, their databases, the broker between them, customers and bad luck.
///
/// Unchecked for the reason that ``World`` has.
final class Shop: @unchecked Sendable {
    let world: World
    let adversity: Adversity
    let broker: SimulatedBroker
    let ordersDatabase: SimulatedDatabase
    let paymentsDatabase: SimulatedDatabase
    let orders: InMemoryOrderRepository
    let accounts: InMemoryAccountRepository
    let auditor: Auditor
    private(set) var ordersDaemons: [Daemon] = []
    private(set) var paymentsDaemons: [Daemon] = []

    init(_ world: World, _ adversity: Adversity) {
        self.world = world
        self.adversity = adversity
        broker = SimulatedBroker(in: world, adversity)
        ordersDatabase = SimulatedDatabase("orders-db", number: 1, in: world, adversity)
        paymentsDatabase = SimulatedDatabase("payments-db", number: 2, in: world, adversity)
        orders = InMemoryOrderRepository(
            outbox: ordersDatabase.outbox, now: { .microseconds(world.now) })
        accounts = InMemoryAccountRepository(
            outbox: paymentsDatabase.outbox,
            ids: UUIDv7Source(
                now: { Timestamp(microseconds: Self.epoch + world.now) },
                random: { world.bits() }))
        auditor = Auditor(world, orders, accounts)
        for instance in 0..<adversity.instances {
            ordersDaemons.append(
                Daemon(
                    "orders-\(instance + 1)", number: 10 + instance, in: world,
                    database: ordersDatabase, broker: broker
                ) { [unowned self] in ordersParts($0) })
            paymentsDaemons.append(
                Daemon(
                    "payments-\(instance + 1)", number: 20 + instance, in: world,
                    database: paymentsDatabase, broker: broker
                ) { [unowned self] in paymentsParts($0) })
        }
    }

    func open() {
        for daemon in ordersDaemons + paymentsDaemons {
            world.after(world.duration(.zero, .seconds(2))) { daemon.start() }
        }
    }

    /// Whether nothing waits anywhere to be told or settled.
    var isQuiet: Bool {
        auditor.pendingCount == 0 && ordersDatabase.outbox.count == 0
            && paymentsDatabase.outbox.count == 0 && broker.messageCount == 0
    }
}
