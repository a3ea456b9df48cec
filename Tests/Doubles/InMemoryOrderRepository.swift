import JSON
import Messaging
package import OrdersApplication
package import OrdersDomain
package import SharedKernel
import Synchronization

/// Orders in a dictionary, one lock for each verb.
package final class InMemoryOrderRepository: OrderRepository, Sendable {
    private struct State {
        var orders: [OrderID: Order] = [:]
        var endings: [OrderID: [OrderTrace.Ending]] = [:]
        var waits: [OrderID: (from: Duration, announcements: Int)] = [:]
        /// How often, of those that have ended and were announced more than once.
        var announced: [OrderID: Int] = [:]
        var keys = InMemoryKeys<OrderID>()
    }

    private let state = Mutex(State())
    let outbox: InMemoryOutbox
    private let now: @Sendable () -> Duration
    let instance: InstanceName?
    /// Calls of any verb that are to fail.
    package let faults = FaultScript()

    /// - Parameters:
    ///   - outbox: where announcements go.
    ///   - clock: by which orders wait for their end; real time where it is nil.
    ///   - instance: who accepts and settles.
    package convenience init(
        outbox: InMemoryOutbox = InMemoryOutbox(), clock: ManualClock? = nil,
        instance: InstanceName? = nil
    ) {
        let begun = ContinuousClock.now
        self.init(outbox: outbox, instance: instance) {
            clock?.elapsed ?? ContinuousClock.now - begun
        }
    }

    /// - Parameters:
    ///   - outbox: where announcements go.
    ///   - instance: who accepts and settles.
    ///   - now: the time by which orders wait for their end.
    package init(
        outbox: InMemoryOutbox, instance: InstanceName? = nil,
        now: @escaping @Sendable () -> Duration
    ) {
        self.outbox = outbox
        self.instance = instance
        self.now = now
    }

    /// Every order, as it is now.
    package var orders: [OrderID: Order] { state.withLock(\.orders) }

    /// An order, its ends, and whether it waits for one.
    func told(of id: OrderID) -> (order: Order, ends: [OrderStatus], isAwaited: Bool)? {
        state.withLock { state in
            state.orders[id].map {
                ($0, (state.endings[id] ?? []).map(\.change.status), state.waits[id] != nil)
            }
        }
    }

    /// An order with its ends, and how often it was announced.
    func life(
        of id: OrderID
    ) -> (order: Order, endings: [OrderTrace.Ending], announcements: Int?)? {
        state.withLock { state in
            state.orders[id].map {
                (
                    $0, state.endings[id] ?? [],
                    state.waits[id]?.announcements ?? state.announced[id]
                )
            }
        }
    }

    package func add(
        _ additions: [OrderAddition]
    ) async -> [Result<Idempotent<Order>, any Error>] {
        additions.map { addition in Result { try add(addition) } }
    }

    private func add(_ addition: OrderAddition) throws -> Idempotent<Order> {
        try faults.check()
        let (id, request, claim) = (addition.id, addition.request, addition.claim)
        return try state.withLock { state in
            if let stored = state.orders[id] { return .first(stored.accepted) }
            switch state.keys.answer(to: claim) {
            case .replayed(let id):
                if let stored = state.orders[id] { return .replayed(stored.accepted) }
            case .keyReused: return .keyReused
            case .first, nil: break
            }
            let now = id.moment ?? .now
            let order = Order(id: id, request: request, createdAt: now, updatedAt: now)
            try outbox.append([
                OutboxMessage(
                    id: MessageID(announcing: id), type: OrderCreated.type,
                    payload: Order.created(id, request).json.encoded,
                    headers: addition.correlation.headers, createdAt: now, attempts: 0)
            ])
            state.orders[id] = order
            state.waits[id] = (self.now(), 1)
            state.keys.keep(id, for: claim)
            return .first(order)
        }
    }

    package func find(_ id: OrderID) async throws -> Order? {
        try faults.check()
        return state.withLock { $0.orders[id] }
    }

    package func findWithHistory(_ id: OrderID) async throws -> (Order, [OrderChange])? {
        try faults.check()
        return state.withLock { state in
            guard let order = state.orders[id] else { return nil }
            let birth = OrderChange(status: .pending, at: order.createdAt)
            return (order, [birth] + (state.endings[id] ?? []).map(\.change))
        }
    }

    package func list(_ query: OrderQuery) async throws -> [Order] {
        try faults.check()
        let orders = state.withLock { $0.orders.values.sorted { $0.id > $1.id } }
        return Array(
            orders.filter { order in
                query.userID.map { $0 == order.request.userID } ?? true
                    && query.status.map { $0 == order.status } ?? true
                    && query.createdFrom.map { order.createdAt >= $0 } ?? true
                    && query.createdUntil.map { order.createdAt < $0 } ?? true
                    && query.before.map { order.id < $0 } ?? true
            }.prefix(query.limit))
    }

    package func summary() async throws -> OrderSummary {
        try faults.check()
        let orders = state.withLock { $0.orders.values.map(\.self) }
        func tally(_ status: OrderStatus) -> OrderSummary.Tally {
            let found = orders.filter { $0.status == status }
            return OrderSummary.Tally(
                count: found.count, amount: found.reduce(.zero) { $0 + $1.request.amount.money })
        }
        return OrderSummary(
            pending: tally(.pending), paid: tally(.paid), failed: tally(.failed))
    }

    package func settle<Decision: Sendable>(
        _ requests: [SettleRequest],
        _ decide: @escaping @Sendable (PaymentOutcome, inout Order?) -> Decision
    ) async throws -> [Decision] {
        try faults.check()
        return state.withLock { state in
            let concerned = Set(requests.map(\.outcome.orderID)).sorted()
            var orders = Dictionary(
                uniqueKeysWithValues: concerned.compactMap { id in
                    state.orders[id].map { (id, $0) }
                })
            var endings: [OrderID: Publication] = [:]
            let decisions = requests.map { request in
                let id = request.outcome.orderID
                let status = orders[id]?.status
                let decision = decide(request.outcome, &orders[id])
                if orders[id]?.status != status { endings[id] = request.publication }
                return decision
            }
            for id in concerned {
                // The same guard as in the database: an end is final, whoever writes.
                guard let order = orders[id], let stored = state.orders[id], order != stored,
                    stored.status == .pending
                else { continue }
                let now = max(.now, order.createdAt)
                state.orders[id] = Order(
                    id: id, request: order.request, status: order.status,
                    failureReason: order.failureReason, createdAt: order.createdAt, updatedAt: now)
                let announcements = state.waits.removeValue(forKey: id)?.announcements
                if let announcements, announcements > 1 { state.announced[id] = announcements }
                state.endings[id, default: []].append(
                    OrderTrace.Ending(
                        change: OrderChange(
                            status: order.status, at: now, reason: order.failureReason),
                        publication: endings[id] ?? .unknown, settledBy: instance))
            }
            return decisions
        }
    }
}

extension Order {
    /// As it was when it was accepted.
    fileprivate var accepted: Order {
        Order(id: id, request: request, createdAt: createdAt, updatedAt: createdAt)
    }
}

extension OrderRepository {
    /// Settles by outcomes of which nobody knows who sent them.
    package func settle<Decision: Sendable>(
        _ outcomes: [PaymentOutcome],
        _ decide: @escaping @Sendable (PaymentOutcome, inout Order?) -> Decision
    ) async throws -> [Decision] {
        try await settle(
            outcomes.map { SettleRequest(outcome: $0, publication: .unknown) }, decide)
    }

    /// Adds an order without a key.
    package func add(
        _ request: OrderRequest, as id: OrderID, correlation: Correlation
    ) async throws -> Order {
        let added = try await add(request, as: id, claim: nil, correlation: correlation)
        guard case .first(let order) = added else { throw IdempotencyKeyIsBusy() }
        return order
    }

    /// What happened to the order, oldest first; empty for an unknown one.
    package func history(of id: OrderID) async throws -> [OrderChange] {
        try await findWithHistory(id)?.1 ?? []
    }
}

extension InMemoryOrderRepository: PendingOrders {
    package func announceAgain(
        _ sweep: PendingSweep, after patience: Duration,
        _ wait: @escaping @Sendable (_ announcements: Int) -> Duration
    ) async throws -> PendingSweepResult {
        try faults.check()
        let now = now()
        return try state.withLock { state in
            let behind = state.waits.keys.sorted().filter { id in
                sweep.after.map { id > $0 } ?? true
            }
            let seen = behind.prefix(sweep.lookLimit)
            let waiting = Set(outbox.messages.map(\.id))
            let due = seen.filter { id in
                !waiting.contains(MessageID(announcing: id))
                    && state.waits[id].map { $0.from + patience <= now } ?? false
            }.prefix(sweep.announceLimit)
            for id in due {
                guard let order = state.orders[id], let known = state.waits[id] else { continue }
                try outbox.append([
                    OutboxMessage(
                        id: MessageID(announcing: id), type: OrderCreated.type,
                        payload: Order.created(id, order.request).json.encoded, headers: [:],
                        createdAt: .now, attempts: 0)
                ])
                let announcements = known.announcements + 1
                state.waits[id] = (now + wait(announcements) - patience, announcements)
            }
            let isCut = due.count == sweep.announceLimit
            let next = isCut ? due.last : seen.count < sweep.lookLimit ? nil : seen.last
            return PendingSweepResult(announced: Array(due), next: next)
        }
    }
}

extension SettleOrders {
    /// Settles by outcomes of which nobody knows who sent them.
    package func callAsFunction(_ outcomes: [PaymentOutcome]) async throws -> [Order.Settlement?] {
        try await self(outcomes.map { SettleRequest(outcome: $0, publication: .unknown) })
    }
}
