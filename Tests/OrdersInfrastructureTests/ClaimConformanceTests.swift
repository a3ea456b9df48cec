import OrdersApplication
import OrdersDomain
import SharedKernel
import TestDoubles
import Testing

/// What a repository of orders must make of keys, whatever it is made of.
@Suite(.timeLimit(.minutes(2)))
struct ClaimConformanceTests {
    @Test(arguments: OrderWorld.Kind.allCases)
    func `the same claim under another id is the first order, as it was accepted`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let request = try orderRequest()
        let first = try #require(try await world.add(request, 1, key: "k").answer)
        _ = try await SettleOrders(orders: world.orders)([try outcome(1, .paid)])
        for number in 2...4 {
            #expect(try await world.add(request, number, key: "k") == .replayed(first))
        }
        #expect(first.status == .pending)
        #expect(try await world.orders.list(OrderQuery()).count == 1)
        #expect(try await world.announcements().count == 1)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `another order under the same key is refused, and nothing is stored`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        _ = try await world.add(try orderRequest(by: "ada", "1"), 1, key: "k")
        #expect(try await world.add(try orderRequest(by: "ada", "2"), 2, key: "k") == .keyReused)
        #expect(try await world.orders.list(OrderQuery()).count == 1)
        #expect(try await world.announcements().count == 1)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `a key is its caller's own, and compared letter by letter`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let request = try orderRequest()
        for (number, (key, caller)) in [
            ("k", "till"), ("k", "web"), ("K", "till"), ("kt", "ill"), ("k|", "web"), ("k", "|web"),
        ].enumerated() {
            let added = try await world.add(request, number, key: key, of: caller)
            #expect(added.answer?.id == (try orderID(number)), "\(key) of \(caller)")
        }
        #expect(try await world.announcements().count == 6)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `the same id and claim again is the order itself, not a repeat`(
        kind: OrderWorld.Kind
    ) async throws {
        // So a statement runs again whose outcome nobody knows.
        let world = try await kind.make()
        let first = try await world.add(try orderRequest(), 1, key: "k")
        #expect(try await world.add(try orderRequest(), 1, key: "k") == first)
        #expect(try await world.announcements().count == 1)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `a key whose order failed is free`(kind: OrderWorld.Kind) async throws {
        let world = try await kind.make()
        try await world.setOutboxBroken(true)
        await #expect(throws: (any Error).self) {
            try await world.add(try orderRequest(), 1, key: "k")
        }
        try await world.setOutboxBroken(false)
        let added = try await world.add(try orderRequest(by: "ada", "7"), 2, key: "k")
        guard case .first(let order) = added else {
            Issue.record("the key is still taken")
            return
        }
        #expect(order.id == (try orderID(2)))
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `three hundred at once under a hundred keys, and a hundred without, each once`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        let answers = try await withThrowingTaskGroup(
            of: (key: Int?, answer: Idempotent<Order>).self
        ) { group in
            for number in 0..<400 {
                let key = number % 4 == 0 ? nil : number / 4
                group.addTask {
                    let request = try orderRequest(by: "user \(number / 4)", "\(number / 4 + 1)")
                    let answer = try await world.add(
                        request, number, key: key.map { "k-\($0)" })
                    #expect(answer.answer?.request == request)
                    return (key, answer)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for key in 0..<100 {
            let those = answers.filter { $0.key == key }.map(\.answer)
            #expect(Set(those.map(\.answer?.id)).count == 1)
            #expect(those.count { if case .first = $0 { true } else { false } } == 1)
        }
        #expect(try await world.orders.list(OrderQuery(limit: 1_000)).count == 200)
        #expect(try await world.announcements().count == 200)
    }

    @Test(arguments: OrderWorld.Kind.allCases)
    func `any text is part of the claim, and no two are the same`(
        kind: OrderWorld.Kind
    ) async throws {
        let world = try await kind.make()
        for (number, text) in nastyTexts.enumerated() {
            let request = try orderRequest(by: text, "0.01", text)
            let added = try await world.add(request, number, key: "k-\(number)")
            let order = try #require(added.answer)
            #expect(
                try await world.add(request, 100 + number, key: "k-\(number)") == .replayed(order))
            for other in nastyTexts where Array(other.utf8) != Array(text.utf8) {
                let other = try orderRequest(by: text, "0.01", other)
                #expect(try await world.add(other, 999, key: "k-\(number)") == .keyReused)
            }
        }
    }
}

extension OrderWorld {
    /// Adds an order under a key.
    @discardableResult
    func add(
        _ request: OrderRequest, _ number: Int, key: String?, of caller: String = "till"
    ) async throws -> Idempotent<Order> {
        let key = try key.map { try IdempotencyKey($0, of: caller) }
        return try await orders.add(
            request, as: try orderID(number), claim: key?.claim(request.fingerprint),
            correlation: .none)
    }
}
