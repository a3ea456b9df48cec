import Foundation
import KassaClient
import NIOHTTP1
import SharedKernel
import TestShop
import TestSupport
import Testing

/// A request under a key, sent until it is answered, is carried out once, whoever dies under it and
/// when.
@Suite(.serialized) struct KillTableTests {
    /// Runs of each step; KASSA_KILL_RUNS asks for more.
    private static let runs =
        ProcessInfo.processInfo.environment["KASSA_KILL_RUNS"].flatMap { Int($0) } ?? 1

    @Test func `whoever dies at whichever step, a keyed request is carried out once`()
        async throws
    {
        let shop = try await Shop.open()
        var table = ["call | killed | step | runs | sent | replayed | effects"]
        var orders: [String] = []
        for call in [KeyedCall.deposit, .order, .orderByRPC] {
            for (number, death) in Death.all(of: call).enumerated() {
                var (sent, replayed, effects) = (0, 0, [Int]())
                for run in 0..<Self.runs {
                    let user = "\(call.path.filter(\.isLetter))-\(number)-\(run)"
                    let (answer, tries) = try await Self.run(call, user, dying: death, in: shop)
                    sent += tries
                    replayed += answer.headers["idempotent-replayed"] == "true" ? 1 : 0
                    effects.append(try await call.effects(for: user, in: shop))
                    if call.service == .payments {
                        #expect(answer["balance"] == "1.25", "\(death.victim) \(death.step)")
                    } else if let id = answer["order_id"] {
                        orders.append(id)
                    }
                }
                #expect(effects.allSatisfy { $0 == 1 }, "\(death.victim) \(death.step)")
                let cells: [Any] = [
                    call.name, death.victim, death.step, Self.runs, sent, replayed, effects,
                ]
                table.append(cells.map { "\($0)" }.joined(separator: " | "))
            }
        }
        print(table.joined(separator: "\n"))
        for daemon in Shop.Daemon.allCases { try await shop.untilReady(daemon) }
        #expect(try await Books.closed(of: shop, accepted: orders) == Books())
        await shop.close()
    }

    /// What the table would show if keys did nothing: its steps do lose answers.
    @Test(arguments: [KeyedCall.deposit, .order])
    func `without a key the same death carries it out twice`(call: KeyedCall) async throws {
        let shop = try await Shop.open()
        let death = try #require(
            Death.all(of: call).first { $0.step.hasPrefix("after the commit") })
        _ = try await Self.run(call, "ada", keyed: false, dying: death, in: shop)
        #expect(try await call.effects(for: "ada", in: shop) == 2)
        await shop.close()
    }

    @Test func `an operator whose answer was lost sends the form again, and there is one order`()
        async throws
    {
        let shop = try await Shop.open()
        try await shop.openAccount("ada", balance: "10")
        try await shop.crash(.gateway, failpoint: "gateway.after-forward")
        try await shop.untilReady(.gateway)
        let client = GatewayClient(.init(url: shop.url(.gateway)))
        let place: @Sendable () async throws -> String = {
            let told = try await client.placeOrder(
                user: "ada", amount: Money(minorUnits: 125), description: "tea", key: "form-1")
            return told.value.id.description
        }
        let failure = await #expect(throws: CallFailure.self) { try await place() }
        #expect(failure?.isOutcomeUnknown == true, "the screen says UNKNOWN")
        #expect(try await shop.ordersRows("SELECT count(*) FROM orders") == ["1"])
        try await eventually("the gateway has died") {
            try !shop.process(.gateway).isRunning
        }
        try await shop.launch(.gateway)
        try await shop.untilReady(.gateway)
        let id = try await place()
        #expect(try await place() == id)
        #expect(try await shop.ordersRows("SELECT order_id FROM orders") == [id])
        #expect(try await shop.settled(id)["status"] == "PAID")
        #expect(try await shop.call(.GET, "/accounts/ada/balance")["balance"] == "8.75")
        await client.shutdown()
        await shop.close()
    }

    private static func run(
        _ call: KeyedCall, _ user: String, keyed: Bool = true, dying death: Death, in shop: Shop
    ) async throws -> (answer: Answer, tries: Int) {
        try await eventually("the account is there") {
            let status = try await shop.call(.POST, "/accounts?user_id=\(user)").status
            return status == 201 || status == 409
        }
        try await death.arm(shop)
        async let answer = call.sendUntilAnswered(
            user, key: keyed ? "key-of-\(user)" : nil, to: shop)
        try await death.strike(shop)
        return try await answer
    }
}
