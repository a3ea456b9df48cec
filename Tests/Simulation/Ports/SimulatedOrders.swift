import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles

/// The orders as one process sees them: the double that the conformance tests hold against
/// PostgreSQL, behind a way on which calls and answers get lost.
struct SimulatedOrders: OrderRepository, PendingOrders {
    let database: SimulatedDatabase
    let stored: InMemoryOrderRepository
    let auditor: Auditor
    let outboxFilled: WakeSignal

    func add(_ additions: [OrderAddition]) async -> [Result<Idempotent<Order>, any Error>] {
        do {
            let answers = try await database.call(repeating: true) { [self] in
                let answers = await stored.add(additions)
                for (addition, answer) in zip(additions, answers) where answer.isSuccess {
                    database.world.trace.note(
                        database.world, database.name, "order stored", order: addition.id)
                    auditor.ordersChanged([addition.id])
                }
                return answers
            }
            outboxFilled.ring()
            return answers
        } catch {
            return additions.map { _ in .failure(error) }
        }
    }

    func settle<Decision: Sendable>(
        _ requests: [SettleRequest],
        _ decide: @escaping @Sendable (PaymentOutcome, inout Order?) -> Decision
    ) async throws -> [Decision] {
        try await database.call(repeating: true) { [self] in
            let decisions = try await stored.settle(requests, decide)
            database.world.trace.note(
                database.world, database.name, "settled", requests.count,
                order: requests.first?.outcome.orderID)
            auditor.ordersChanged(requests.map(\.outcome.orderID))
            return decisions
        }
    }

    func announceAgain(
        _ sweep: PendingSweep, after patience: Duration,
        _ wait: @escaping @Sendable (_ announcements: Int) -> Duration
    ) async throws -> PendingSweepResult {
        let result = try await database.call(repeating: true) { [self] in
            let result = try await stored.announceAgain(sweep, after: patience, wait)
            if let oldest = result.announced.first {
                database.world.trace.note(
                    database.world, database.name, "announced again", result.announced.count,
                    order: oldest)
            }
            return result
        }
        if !result.announced.isEmpty { outboxFilled.ring() }
        return result
    }

    func find(_ id: OrderID) async throws -> Order? {
        try await database.call(repeating: true) { try await stored.find(id) }
    }

    func findWithHistory(_ id: OrderID) async throws -> (Order, [OrderChange])? {
        try await database.call(repeating: true) { try await stored.findWithHistory(id) }
    }

    func list(_ query: OrderQuery) async throws -> [Order] {
        try await database.call(repeating: true) { try await stored.list(query) }
    }

    func summary() async throws -> OrderSummary {
        try await database.call(repeating: true) { try await stored.summary() }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        guard case .success = self else { return false }
        return true
    }
}
