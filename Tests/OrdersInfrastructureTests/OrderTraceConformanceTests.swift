import JSON
import Messaging
import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// What every ``OrderTraces`` tells.
@Suite(.timeLimit(.minutes(3)))
struct OrderTraceConformanceTests {
    private static let sent = Publication(
        instance: InstanceName("payments:7"),
        moment: Timestamp(microseconds: 1_795_000_000_123_456))

    private func place(_ number: Int, in world: OrderWorld) async throws {
        _ = try await world.orders.add(
            try orderRequest(), as: try orderID(number), correlation: .none)
    }

    private func told(_ number: Int, _ verdict: PaymentOutcome.Verdict) throws -> SettleRequest {
        SettleRequest(outcome: try outcome(number, verdict), publication: Self.sent)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order that nobody placed has no trace`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        try await place(1, in: world)
        #expect(try await world.traces.trace(of: try orderID(2)) == nil)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an order that waits tells who accepted it, and how its announcement fares`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1, in: world)
        let id = try orderID(1)
        let fresh = try #require(try await world.traces.trace(of: id))
        #expect(fresh.order == (try await world.orders.find(id)))
        #expect(fresh.acceptedBy == OrderWorld.instance)
        #expect(fresh.refusals == 0 && fresh.announcements == 1)
        #expect(fresh.endings.isEmpty && fresh.parked.isEmpty)

        _ = try await world.outbox.relay(upTo: 10) { $0.map { _ in .postpone(.zero) } }
        #expect(try await world.traces.trace(of: id)?.refusals == 1)
        try await world.publishAll()
        #expect(try await world.traces.trace(of: id)?.refusals == nil)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `an end tells who sent the outcome and when, and who settled the order`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for number in 1...3 { try await place(number, in: world) }
        let settle = SettleOrders(orders: world.orders)
        let settlements = try await settle([
            try told(1, .paid), try told(2, .failed(.insufficientFunds)),
            SettleRequest(outcome: try outcome(3, .paid), publication: .unknown),
            // Repeats: what is stored is of the first.
            try told(3, .paid),
            SettleRequest(outcome: try outcome(1, .paid), publication: .unknown),
        ])
        #expect(settlements == [.settled, .settled, .settled, .repeated, .repeated])
        for (number, status, reason, sent) in [
            (1, OrderStatus.paid, nil, Self.sent),
            (2, .failed, FailureReason.insufficientFunds, Self.sent), (3, .paid, nil, .unknown),
        ] {
            let id = try orderID(number)
            let trace = try #require(try await world.traces.trace(of: id))
            let ending = try #require(trace.endings.first)
            #expect(trace.endings.count == 1)
            #expect(ending.change == (try await world.orders.history(of: id).last))
            #expect(ending.change.status == status && ending.change.reason == reason)
            #expect(ending.publication == sent, "\(number)")
            #expect(ending.settledBy == OrderWorld.instance)
            #expect(trace.announcements == nil)
        }
    }

    /// Another outcome about the order came before it in the batch, and was not the one that ended
    /// it.
    @Test(arguments: OrderWorld.Kind.allCases)
    func `who is named sent the outcome that ended the order, not one that contradicted it`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1, in: world)
        let settlements = try await SettleOrders(orders: world.orders)([
            SettleRequest(
                outcome: try outcome(1, .paid, "2"),
                publication: Publication(instance: InstanceName("liar:1"), moment: nil)),
            try told(1, .paid),
        ])
        #expect(settlements.last == .settled)
        let trace = try await world.traces.trace(of: try orderID(1))
        #expect(trace?.endings.map(\.publication) == [Self.sent])
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `how often an order was announced is known while it waits and after its end`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await place(1, in: world)
        for _ in 0..<2 {
            try await world.publishAll()
            try await world.age(by: .seconds(3_600))
            _ = try await world.pending.announceAgain(PendingSweep(), after: .seconds(60)) { _ in
                .seconds(60)
            }
        }
        #expect(try await world.traces.trace(of: try orderID(1))?.announcements == 3)
        _ = try await SettleOrders(orders: world.orders)([try told(1, .paid)])
        let trace = try await world.traces.trace(of: try orderID(1))
        #expect(trace?.announcements == 3 && trace?.endings.count == 1)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `messages about the order that were parked are named, oldest first, and no others`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for number in 1...2 { try await place(number, in: world) }
        for (number, reason) in [(1, "first"), (2, "of another"), (1, "second")] {
            let body = try outcome(number, .paid).json.encoded
            try await world.parking.park([
                ParkedMessage(
                    delivery: Delivery(
                        messageID: nil, type: reason, body: body, queue: "payment_success"),
                    reason: reason)
            ])
        }
        let trace = try #require(try await world.traces.trace(of: try orderID(1)))
        #expect(trace.parked.map(\.reason) == ["first", "second"])
        #expect(trace.parked.map(\.id) == [1, 3])
    }
}
