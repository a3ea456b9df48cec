import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles

/// A repository with the outbox that it fills, and a way to break that.
struct OrderWorld: Sendable {
    /// The double and the real thing.
    enum Kind: CaseIterable {
        case inMemory, postgres

        func make() async throws -> OrderWorld {
            switch self {
            case .inMemory: .inMemory()
            case .postgres: try await .postgres()
            }
        }
    }

    let orders: any OrderRepository
    let pending: any PendingOrders
    let audit: any OrderAudit
    let traces: any OrderTraces
    let parking: any Parking
    let outbox: any Outbox
    /// Who accepts and settles in it.
    static let instance = InstanceName(host: "world", process: 1)
    private let pass: @Sendable (Duration) async throws -> Void
    private let breakOutbox: @Sendable (Bool) async throws -> Void

    init(
        orders: any OrderRepository, pending: any PendingOrders, audit: any OrderAudit,
        traces: any OrderTraces, parking: any Parking, outbox: any Outbox,
        pass: @escaping @Sendable (Duration) async throws -> Void,
        breakOutbox: @escaping @Sendable (Bool) async throws -> Void
    ) {
        self.orders = orders
        self.pending = pending
        self.audit = audit
        self.traces = traces
        self.parking = parking
        self.pass = pass
        self.outbox = outbox
        self.breakOutbox = breakOutbox
    }

    private static func inMemory() -> OrderWorld {
        let clock = ManualClock()
        let outbox = InMemoryOutbox(clock: clock)
        let orders = InMemoryOrderRepository(
            outbox: outbox, clock: clock, instance: instance)
        let parked = InMemoryParkedMessages()
        return OrderWorld(
            orders: orders, pending: orders, audit: orders,
            traces: InMemoryOrderTraces(orders: orders, parked: parked), parking: parked,
            outbox: outbox,
            pass: { clock.advance(by: $0) }
        ) {
            if $0 { outbox.appendFaults.fail() }
        }
    }

    /// Has every insert into the outbox fail from now on, or work again.
    func setOutboxBroken(_ isBroken: Bool) async throws { try await breakOutbox(isBroken) }

    /// Has time pass for the orders that wait for their end.
    func age(by time: Duration) async throws { try await pass(time) }

    /// Has the broker confirm what waits in the outbox.
    func publishAll() async throws {
        _ = try await outbox.relay(upTo: 10_000) { $0.map { _ in .delete } }
    }

    /// What waits in the outbox, which is as it was afterwards.
    func announcements() async throws -> [OutboxMessage] {
        struct Looked: Error {}
        var found: [OutboxMessage] = []
        do {
            _ = try await outbox.relay(upTo: 10_000) { messages in
                found = messages
                throw Looked()
            }
        } catch is Looked {}
        return found
    }
}

func orderRequest(
    by user: String = "ada", _ amount: String = "1", _ description: String = "tea"
) throws -> OrderRequest {
    OrderRequest(
        userID: try UserID(user), amount: try Amount(decimal: amount),
        description: try OrderDescription(description))
}

func outcome(
    _ number: Int, _ verdict: PaymentOutcome.Verdict, _ amount: String = "1",
    by user: String = "ada"
) throws -> PaymentOutcome {
    PaymentOutcome(
        orderID: try orderID(number), userID: try UserID(user), amount: try Amount(decimal: amount),
        verdict: verdict)
}

extension Sequence {
    /// One after the other.
    func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
