import JSON
import Messaging
import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

/// What every ``ChargeTraces`` tells.
@Suite(.timeLimit(.minutes(3)))
struct ChargeTraceConformanceTests {
    private static let sent = Publication(
        instance: InstanceName("orders:7"), moment: Timestamp(microseconds: 1_795_000_000_123_456))

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an order that never came has an empty trace`(kind: AccountWorld.Kind) async throws {
        let trace = try await kind.make().traces.trace(of: try orderID(1))
        #expect(trace == ChargeTrace(receipt: nil, decision: nil, parked: []))
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a charge tells who sent the announcement and when, who decided, and the transfer`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 100)
        let charge = try request(1, by: "ada", "1.00", publication: Self.sent)
        let refused = try request(2, by: "ada", "1.00")
        _ = try await world.charge(charge, refused)
        let trace = try await world.traces.trace(of: try orderID(1))
        let decision = try #require(trace.decision)
        #expect(decision.outcome == charge.outcome(.paid))
        #expect(decision.publication == Self.sent)
        #expect(decision.decidedBy == AccountWorld.instance)
        let transfers = try await world.accounts.transfers(of: ada, PageRequest())
        #expect(decision.transfer != nil && decision.transfer == transfers?.first?.id)
        #expect(decision.refusals == 0)
        let receipt = try #require(trace.receipt)
        #expect(receipt.at <= decision.at && receipt.repeats == 0 && receipt.repeatedAt == nil)

        let other = try #require(try await world.traces.trace(of: try orderID(2)).decision)
        #expect(other.outcome == refused.outcome(.failed(.insufficientFunds)))
        #expect(other.publication == .unknown && other.transfer == nil)
        #expect(other.decidedBy == AccountWorld.instance)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an outcome in the outbox tells how often it was turned down, one that went does not`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        _ = try await world.charge(try request(1))
        _ = try await world.outbox.relay(upTo: 10) { $0.map { _ in .postpone(.zero) } }
        #expect(try await world.traces.trace(of: try orderID(1)).decision?.refusals == 1)
        _ = try await world.takeMessages()
        let decision = try #require(try await world.traces.trace(of: try orderID(1)).decision)
        #expect(decision.refusals == nil)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a message that comes again is counted, and what the first told stays`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let first = try request(1, publication: Self.sent)
        _ = try await world.charge(first)
        let before = try await world.traces.trace(of: try orderID(1))
        let again = try request(
            1, publication: Publication(instance: InstanceName("orders:8"), moment: nil))
        for repeats in 1...3 {
            // In one batch it counts as one, however often it is in it.
            #expect(try await world.charge(again, again).count == 2)
            let trace = try await world.traces.trace(of: try orderID(1))
            let receipt = try #require(trace.receipt)
            #expect(receipt.at == before.receipt?.at && receipt.repeats == repeats)
            #expect(try #require(receipt.repeatedAt) >= receipt.at)
            #expect(trace.decision?.publication == Self.sent)
        }
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an announcement under an id of its own is decided, and not found in the inbox`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        _ = try await world.charge(try request(1, message: 77))
        let trace = try await world.traces.trace(of: try orderID(1))
        #expect(trace.receipt == nil && trace.decision != nil)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a rehearsal leaves no trace`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        _ = try await world.accounts.rehearse(try request(1)) { $1.charge($0) }
        let trace = try await world.traces.trace(of: try orderID(1))
        #expect(trace == ChargeTrace(receipt: nil, decision: nil, parked: []))
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `messages about the order that were parked are named, oldest first, and no others`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for (number, reason) in [(1, "first"), (2, "of another"), (1, "second")] {
            let body = try orderCreated(number, by: "ada", "1.00").json.encoded
            try await world.parking.park([
                ParkedMessage(
                    delivery: Delivery(
                        messageID: nil, type: reason, body: body, queue: "order_created"),
                    reason: reason)
            ])
        }
        let trace = try await world.traces.trace(of: try orderID(1))
        #expect(trace.parked.map(\.reason) == ["first", "second"])
        #expect(trace.parked.map(\.id) == [1, 3])
        #expect(trace.receipt == nil && trace.decision == nil)
    }
}
