import Logging
import Messaging
import OrdersApplication
import OrdersDomain
import OrdersPresentation
import SharedKernel
import TestDoubles

extension Shop {
    /// `kassa-orders`, put together as its own `Composition` does.
    func ordersParts(_ process: SimulatedProcess) -> DaemonParts {
        let wake = WakeSignal()
        let orders = SimulatedOrders(
            database: ordersDatabase, stored: orders, auditor: auditor, outboxFilled: wake)
        let placeOrder = PlaceOrder(orders: orders, ids: ids())
        let success = SimulatedSubscription(PaymentOutcome.successType, of: broker, for: process)
        let failure = SimulatedSubscription(PaymentOutcome.failureType, of: broker, for: process)
        let paid = outcomes(PaymentOutcome.successType, success, orders)
        let failed = outcomes(PaymentOutcome.failureType, failure, orders)
        let relay = relay(
            ordersDatabase, process, wake, routes: [OrderCreated.type: OrderCreated.type])
        let janitor = PendingOrderJanitor(
            announceAgain: AnnounceAgain(
                orders: orders, patience: Self.patience, bits: { [world] in world.bits() }),
            interval: .seconds(5), clock: clock, jitter: { [world] in world.fraction() },
            logger: logger)
        return DaemonParts(
            loops: [
                { await relay.run() }, { await paid.run() }, { await failed.run() },
                { await janitor.run() },
            ],
            subscriptions: [success, failure],
            door: .init(placeOrder: { purchase in
                let key = try purchase.key.map { try IdempotencyKey($0, of: "customer") }
                return try await placeOrder(purchase.request, under: key, correlation: .none)
                    .answer?.id
            }))
    }

    /// REANNOUNCE_AFTER. Short beside a world's recovery: an order may be lost several times.
    private static let patience: Duration = .seconds(10)

    private func outcomes(
        _ type: String, _ source: SimulatedSubscription, _ orders: SimulatedOrders
    ) -> PaymentOutcomeConsumer {
        PaymentOutcomeConsumer(
            type: type, source: source, parking: SimulatedParking(database: ordersDatabase),
            publisher: TrustedPublisher(user: "shop", acceptsUnsigned: true),
            settleOrders: SettleOrders(orders: orders), clock: clock, backoff: backoff(),
            logger: logger)
    }
}
