import Logging
import Messaging
import OrdersApplication
import OrdersDomain
import OrdersPresentation
import SharedKernel
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PendingOrderJanitorTests {
    private let clock = ManualClock()
    private let outbox: InMemoryOutbox
    private let orders: InMemoryOrderRepository

    init() {
        outbox = InMemoryOutbox(clock: clock)
        orders = InMemoryOrderRepository(outbox: outbox, clock: clock)
    }

    private var janitor: PendingOrderJanitor {
        var logger = Logger(label: "janitor-tests")
        logger.logLevel = .critical
        return PendingOrderJanitor(
            announceAgain: AnnounceAgain(
                orders: orders, patience: .seconds(30)),
            interval: .seconds(5), clock: clock, logger: logger)
    }

    private func place(_ count: Int) async throws {
        for number in 1...count {
            _ = try await orders.add(
                Order.sample(), as: try orderID(number), correlation: .none)
        }
        _ = try await outbox.relay(upTo: 10_000) { $0.map { _ in .delete } }
    }

    @Test func `round after round it looks, and announces what has become due`() async throws {
        try await place(600)
        let janitor = janitor
        let loop = Task { await janitor.run() }
        var slept: Duration = .zero
        while outbox.messages.isEmpty { slept += await clock.passNextSleep() }
        #expect(slept >= .seconds(30) && slept <= .seconds(36), "within a round of being due")
        // Six hundred are more than one sweep announces: the others follow within a round.
        var further: Duration = .zero
        while outbox.messages.count < 600 { further += await clock.passNextSleep() }
        #expect(further <= .seconds(6))
        loop.cancel()
        await loop.value
    }

    @Test func `a database that fails is asked again, later and later`() async throws {
        try await place(1)
        orders.faults.fail(5)
        let janitor = janitor
        let loop = Task { await janitor.run() }
        var pauses: [Duration] = []
        for _ in 0..<5 { pauses.append(await clock.passNextSleep()) }
        #expect(zip(pauses, [1, 2, 4, 8, 16]).allSatisfy { $0 <= .seconds($1) && $0 > .zero })
        while outbox.messages.isEmpty { await clock.passNextSleep() }
        loop.cancel()
        await loop.value
    }
}

extension Order {
    fileprivate static func sample() throws -> OrderRequest {
        OrderRequest(
            userID: try UserID("ada"), amount: try Amount(decimal: "1"),
            description: try OrderDescription(""))
    }
}
