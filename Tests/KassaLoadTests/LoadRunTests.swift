import KassaClient
import SharedKernel
import TestShop
import TestSupport
import Testing

@testable import KassaLoad

@Suite struct LoadRunTests {
    @Test(arguments: LoadPlan.Door.allCases)
    func `every order of a run is answered and ends, at either door`(
        door: LoadPlan.Door
    ) async throws {
        let shop = try await Shop.open()
        let url = shop.url(.gateway)
        var plan = LoadPlan(gateway: url)
        plan.door = door
        plan.rpcPort = shop.grpcPort
        plan.accounts = 5
        plan.clients = 4
        plan.rate = 50
        plan.duration = .seconds(2)
        plan.calm = .seconds(1)
        let client = GatewayClient(.init(url: url))
        let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
        let run = LoadRun(plan, client: client, host: "127.0.0.1", port: port)
        try await run.openAccounts { _ in }
        let report = try await run.run { _ in }
        await client.shutdown()
        // A busy machine may leave some orders of an open loop unsent, never unanswered.
        #expect(report.due == 100 && report.accepted == report.sent && report.accepted > 0)
        #expect(report.paid == report.accepted && report.failed == 0)
        #expect(report.isComplete, "\(report.lines)")
        let balances = try await shop.paymentsRows("SELECT sum(balance)::text FROM accounts")
        let calm = try #require(report.calm)
        #expect(calm.isComplete && calm.seconds.count == 1 && calm.seconds[0] != nil)
        // Twenty more came afterwards; a busy machine may leave some of them unsent too.
        let paid = 5 * 99_999_999_999 - (try #require(Int(balances[0])))
        #expect((125 * (report.accepted + 1)...125 * (report.accepted + 20)).contains(paid))
        await shop.close()
    }

    @Test(arguments: [(LoadPlan.Door.http, "422"), (.grpc, "invalidArgument")])
    func `what is refused is told by its name, at either door`(
        door: LoadPlan.Door, reason: String
    ) async throws {
        let shop = try await Shop.open()
        let url = shop.url(.gateway)
        var plan = LoadPlan(gateway: url)
        plan.door = door
        plan.rpcPort = shop.grpcPort
        plan.amount = Money(minorUnits: 0)
        plan.clients = 40
        plan.duration = .seconds(1)
        let client = GatewayClient(.init(url: url))
        let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
        let run = LoadRun(plan, client: client, host: "127.0.0.1", port: port)
        let report = try await run.run { _ in }
        await client.shutdown()
        #expect(report.sent > 0 && report.refused == [reason: report.sent])
        #expect(report.accepted == 0 && report.unanswered == 0)
        await shop.close()
    }

    @Test func `where too many wait for it, orders are followed while others are sent`()
        async throws
    {
        let shop = try await Shop.open()
        let client = GatewayClient(.init(url: shop.url(.gateway)))
        let tally = LoadTally()
        let follower = try await OrderFollower(
            LoadPlan(gateway: ""), client: client, tallies: [tally], most: 3)
        let following = Task { await follower.runWhileSending() }
        let start = ContinuousClock.now
        for number in 0..<5 {
            let order = try await client.placeOrder(
                user: "nobody", amount: Money(minorUnits: 1), description: "", key: "\(number)")
            tally.note(.accepted(order.value.id), due: start, sent: start, at: .now)
        }
        // As few as may wait may have come after the others were followed.
        try await eventually("they were followed") { tally.open <= 3 }
        following.cancel()
        await following.value
        try await eventually("the rest was followed") {
            _ = await follower.catchUp(until: .now + .seconds(60))
            return tally.open == 0
        }
        #expect(tally.current.failed == 5)
        await client.shutdown()
        await shop.close()
    }
}
