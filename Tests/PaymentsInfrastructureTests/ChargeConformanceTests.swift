import Messaging
import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

/// What a repository of accounts must be, whatever it is made of: an order is charged at most once.
@Suite(.timeLimit(.minutes(3)))
struct ChargeConformanceTests {
    @Test(arguments: AccountWorld.Kind.allCases)
    func `a paid order moves its amount once and is told`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 10_050)
        let charge = try request(
            1, "42.50", message: 7, correlation: Correlation(requestID: "r-1", traceparent: "00-ab")
        )
        #expect(try await world.charge(charge) == [.decided(charge.outcome(.paid))])
        #expect(try await world.cents(of: "ada") == 5_800)
        let message = try #require(try await world.takeMessages().first)
        #expect(message.type == PaymentOutcome.successType)
        #expect(message.headers == ["x-request-id": "r-1", "traceparent": "00-ab"])
        #expect(
            try PaymentOutcome(type: message.type, payload: message.payload)
                == charge.outcome(.paid))
        let (transfers, isBalanced) = try await world.audit([ada])
        #expect(transfers.count == 2)
        #expect(isBalanced)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `what cannot be paid is refused, and the refusal is told`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await world.open("ada", cents: 99)
        let (poor, nobody) = (try request(1), try request(2, by: "nobody"))
        #expect(
            try await world.charge(poor, nobody) == [
                .decided(poor.outcome(.failed(.insufficientFunds))),
                .decided(nobody.outcome(.failed(.accountNotFound))),
            ])
        #expect(try await world.cents(of: "ada") == 99)
        let told = try await world.takeMessages().map {
            try PaymentOutcome(type: $0.type, payload: $0.payload).verdict
        }
        #expect(Set(told) == [.failed(.insufficientFunds), .failed(.accountNotFound)])
        // What was refused stays refused, also when the money is there in the end.
        try await world.open("nobody", cents: 500)
        #expect(
            try await world.charge(nobody) == [
                .repeated(nobody.outcome(.failed(.accountNotFound)))
            ])
        #expect(try await world.cents(of: "nobody") == 500)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an order that comes fifty times in one batch is charged once`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 10_000)
        let requests = try (0..<50).map { try request(1, message: $0 % 2 == 0 ? 100 : $0) }
        let entries = try await world.charge(requests)
        let paid = requests[0].outcome(.paid)
        #expect(entries == [.decided(paid)] + Array(repeating: .repeated(paid), count: 49))
        #expect(try await world.cents(of: "ada") == 9_900)
        #expect(try await world.takeMessages().count == 1, "one message for each order")
        #expect(try await world.audit([ada]).isBalanced)
    }

    @Test(arguments: AccountWorld.Kind.allCases, [false, true])
    func `an order that comes in fifty batches at once is charged once`(
        kind: AccountWorld.Kind, isSameMessage: Bool
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 10_000)
        let decided = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let charge = try request(1, message: isSameMessage ? 7 : number)
                    return try await world.charge(charge).count {
                        $0 == .decided(charge.outcome(.paid))
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(decided == 1)
        #expect(try await world.cents(of: "ada") == 9_900)
        let (transfers, isBalanced) = try await world.audit([ada])
        #expect(transfers.count == 2)
        #expect(isBalanced)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an order of nobody that comes in many batches at once is refused once and parks none`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let decided = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<30 {
                group.addTask {
                    let charge = try request(1, by: "nobody", message: number)
                    let refused = charge.outcome(.failed(.accountNotFound))
                    let entries = try await world.charge(charge)
                    #expect(entries == [.decided(refused)] || entries == [.repeated(refused)])
                    return entries.count { $0 == .decided(refused) }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(decided == 1)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a repeat tells the stored outcome again, by the same message`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await world.open("ada", cents: 100)
        let charges = try [request(1, message: 1), request(2, message: 2)]
        _ = try await world.charge(charges)
        let first = try await world.takeMessages()
        try #require(first.count == 2)
        // Later, when the account could pay what it could not before.
        try await world.open("ada", cents: 5_000)
        for message in [1, 3] {
            let again = try charges.map { charge in
                ChargeRequest(
                    messageID: try messageID(message * 10 + (charge == charges[0] ? 0 : 1)),
                    order: charge.order, correlation: .none)
            }
            #expect(
                try await world.charge(again) == [
                    .repeated(charges[0].outcome(.paid)),
                    .repeated(charges[1].outcome(.failed(.insufficientFunds))),
                ])
            let second = try await world.takeMessages()
            #expect(second.map(\.id) == first.map(\.id))
            #expect(second.map(\.payload) == first.map(\.payload))
            #expect(second.map(\.type) == first.map(\.type))
        }
        // And with the very ids that were handled before.
        _ = try await world.charge(charges)
        #expect(try await world.takeMessages().map(\.id) == first.map(\.id))
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a contradiction changes nothing and is not told`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        let users = [
            try await world.open("ada", cents: 1_000), try await world.open("bob", cents: 1_000),
        ]
        _ = try await world.charge(try request(1, message: 1))
        _ = try await world.takeMessages()
        let entries = try await world.charge(
            try request(1, "2.00", message: 2), try request(1, by: "bob", message: 3),
            try request(1, by: "nobody", message: 4), try request(1, "2.00", message: 1))
        #expect(
            entries
                == Array(
                    repeating: .contradicts("order was decided for another user or amount"),
                    count: 4))
        #expect(try await world.takeMessages().isEmpty)
        #expect(try await world.cents(of: "ada") == 900)
        #expect(try await world.cents(of: "bob") == 1_000)
        #expect(try await world.audit(users).isBalanced)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `a message that was another order's is not believed, its order may still come`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await world.open("ada", cents: 1_000)
        let contradiction = ChargeBook.Entry.contradicts("message id was used for another order")
        let entries = try await world.charge(
            try request(1, message: 1), try request(2, message: 1))
        #expect(entries == [.decided(try request(1).outcome(.paid)), contradiction])
        #expect(try await world.charge(try request(3, message: 1)) == [contradiction])
        #expect(try await world.cents(of: "ada") == 900)
        #expect(
            try await world.charge(try request(2, message: 2)) == [
                .decided(try request(2).outcome(.paid))
            ])
        #expect(try await world.cents(of: "ada") == 800)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `messages without ids are charged once too`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        try await world.open("ada", cents: 1_000)
        let charge = try request(1)
        #expect(try await world.charge(charge, charge).last == .repeated(charge.outcome(.paid)))
        #expect(try await world.charge(charge) == [.repeated(charge.outcome(.paid))])
        #expect(try await world.cents(of: "ada") == 900)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `when the outcome cannot be told nothing has happened`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let ada = try await world.open("ada", cents: 1_000)
        try await world.setOutboxBroken(true)
        let charge = try request(1, message: 1)
        await #expect(throws: (any Error).self) { try await world.charge(charge) }
        #expect(try await world.cents(of: "ada") == 1_000)
        #expect(try await world.audit([ada]).transfers.count == 1)
        try await world.setOutboxBroken(false)
        #expect(try await world.charge(charge) == [.decided(charge.outcome(.paid))])
        #expect(try await world.cents(of: "ada") == 900)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `an account's orders are paid in order until its money is gone`(
        kind: AccountWorld.Kind
    ) async throws {
        let world = try await kind.make()
        try await world.open("ada", cents: 2_500)
        let requests = try ["10.00", "10.00", "10.00", "5.00", "0.01"].enumerated()
            .map { try request($0.offset, $0.element) }
        let verdicts: [PaymentOutcome.Verdict] = [
            .paid, .paid, .failed(.insufficientFunds), .paid, .failed(.insufficientFunds),
        ]
        #expect(
            try await world.charge(requests)
                == zip(requests, verdicts).map { .decided($0.outcome($1)) })
        #expect(try await world.cents(of: "ada") == 0)
    }

    @Test(arguments: AccountWorld.Kind.allCases)
    func `no requests are no work`(kind: AccountWorld.Kind) async throws {
        let world = try await kind.make()
        #expect(try await world.charge([ChargeRequest]()) == [])
    }
}
