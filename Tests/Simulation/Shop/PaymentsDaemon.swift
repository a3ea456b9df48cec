import Logging
import Messaging
import PaymentsApplication
import PaymentsDomain
import PaymentsPresentation
import SharedKernel
import TestDoubles

extension Shop {
    /// `kassa-payments`, put together as its own `Composition` does.
    func paymentsParts(_ process: SimulatedProcess) -> DaemonParts {
        let wake = WakeSignal()
        let accounts = SimulatedAccounts(
            database: paymentsDatabase, stored: accounts, auditor: auditor, outboxFilled: wake)
        let source = SimulatedSubscription(OrderCreated.type, of: broker, for: process)
        let consumer = OrderCreatedConsumer(
            source: source, parking: SimulatedParking(database: paymentsDatabase),
            publisher: TrustedPublisher(user: "shop", acceptsUnsigned: true),
            chargeOrders: ChargeOrders(accounts: accounts), clock: clock, backoff: backoff(),
            logger: logger)
        let relay = relay(
            paymentsDatabase, process, wake,
            routes: [
                PaymentOutcome.successType: PaymentOutcome.successType,
                PaymentOutcome.failureType: PaymentOutcome.failureType,
            ])
        let openAccount = OpenAccount(accounts: accounts)
        let deposit = Deposit(accounts: accounts)
        return DaemonParts(
            loops: [{ await relay.run() }, { await consumer.run() }], subscriptions: [source],
            door: .init(deposit: { payment in
                func key(_ step: String) throws -> IdempotencyKey? {
                    try payment.key.map { try IdempotencyKey("\(step)-\($0)", of: "customer") }
                }
                _ = try await openAccount(payment.userID, under: try key("open"))
                return try await deposit(
                    payment.amount, to: payment.userID, under: try key("deposit")
                ).answer ?? nil != nil
            }))
    }

    func relay(
        _ database: SimulatedDatabase, _ process: SimulatedProcess, _ wake: WakeSignal,
        routes: [String: String]
    ) -> OutboxRelay {
        OutboxRelay(
            outbox: SimulatedOutbox(database: database, process: process),
            publisher: SimulatedPublisher(broker: broker, routes: routes), wake: wake,
            pollInterval: .seconds(1), clock: clock, backoff: backoff(), logger: logger)
    }

    var clock: VirtualClock { VirtualClock(world: world) }

    var logger: Logger { Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() } }

    func backoff() -> Backoff {
        Backoff(cap: .seconds(5)) { [world] in world.fraction() }
    }

    /// A daemon's own source of ids, by a wall clock that may be wrong.
    func ids() -> UUIDv7Source {
        let skew =
            adversity.isClockSkewed
            ? world.duration(.zero, .seconds(7_200)).wholeMicroseconds - 3_600_000_000 : 0
        return UUIDv7Source(
            now: { [world] in Timestamp(microseconds: Self.epoch + world.now + skew) },
            random: { [world] in world.bits() })
    }

    /// When the world begins, on the wall clock.
    static let epoch: Int64 = 1_767_225_600_000_000
}
