import Messaging
import SharedKernel

/// Has the world's faults happen, at moments that the seed chooses, and counts them.
///
/// Unchecked for the reason that ``World`` has.
final class Saboteur: @unchecked Sendable {
    private let shop: Shop
    private var world: World { shop.world }
    /// Bodies that no service can read, as sent.
    private(set) var poison: [[UInt8]] = []

    init(of shop: Shop) { self.shop = shop }

    /// Enters all faults of the shop's world, over so much time; all of them end in it.
    func plan(within span: Duration) {
        let adversity = shop.adversity
        some(adversity.kills, within: span) { [self] in daemon.kill() }
        some(adversity.stops, within: span) { [self] in daemon.stop() }
        some(adversity.freezes, within: span) { [self] in
            daemon.freeze(for: world.duration(.seconds(1), .seconds(60)))
        }
        some(adversity.databaseOutages, within: span) { [self] in
            let database = world.chance(500) ? shop.ordersDatabase : shop.paymentsDatabase
            outage(database.name) { database.isAway = $0 }
        }
        some(adversity.brokerOutages, within: span) { [self] in
            outage("broker") { [shop] in shop.broker.isAway = $0 }
        }
        some(adversity.alarms, within: span) { [self] in
            outage("broker's disk") { [shop] in shop.broker.hasAlarm = $0 }
        }
        some(adversity.brokerRestarts, within: span) { [shop] in shop.broker.dropSessions() }
        some(adversity.poison, within: span) { [self] in sendPoison() }
        some(adversity.purges, within: span) { [self] in shop.broker.purge(queueName) }
        some(adversity.deletions, within: span) { [self] in shop.broker.delete(queueName) }
    }

    private var daemon: Daemon {
        let daemons = shop.ordersDaemons + shop.paymentsDaemons
        return daemons[world.number(below: daemons.count)]
    }

    private func some(_ count: Int, within span: Duration, _ fault: @escaping () -> Void) {
        for _ in 0..<count { world.after(world.duration(.zero, span), fault) }
    }

    private func outage(_ name: String, _ setAway: @escaping (Bool) -> Void) {
        world.trace.note(world, name, "is away")
        setAway(true)
        world.after(world.duration(.milliseconds(100), .seconds(30))) { [world] in
            world.trace.note(world, name, "is back")
            setAway(false)
        }
    }

    private var queueName: String {
        let names = [OrderCreated.type, PaymentOutcome.successType, PaymentOutcome.failureType]
        return names[world.number(below: names.count)]
    }

    private func sendPoison() {
        let queue = shop.broker.declare(queueName)
        let body = Array("{\"poison\": \(poison.count), \"amount\": ".utf8)
        poison.append(body)
        world.trace.note(world, queue.name, "poison arrives")
        queue.add(
            Delivery(messageID: nil, type: nil, body: body, queue: queue.name), reordered: true)
    }
}
