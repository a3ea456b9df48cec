import JSON
import NIOHTTP1
import Synchronization
import TestDoubles
import TestShop
import TestSupport

/// Customers who go on ordering whatever dies, until enough orders are accepted.
final class FlowUnderFire: Sendable {
    /// What the customers saw. A call without an answer may have been accepted all the same.
    struct Tally: Sendable {
        var attempts = 0
        var accepted: [String] = []
        var unanswered = 0
    }

    private let shop: Shop
    private let goal: Int
    private let customers: [String]
    private let seed: UInt64
    private let tally = Mutex(Tally())

    /// - Parameters:
    ///   - goal: accepted orders after which the customers leave.
    ///   - customers: who order, each with an account or without.
    ///   - seed: of users and amounts.
    init(shop: Shop, goal: Int, customers: [String], seed: UInt64) {
        self.shop = shop
        self.goal = goal
        self.customers = customers
        self.seed = seed
    }

    /// The tally so far.
    var now: Tally { tally.withLock(\.self) }

    /// Orders from `clients` places at once until the goal is reached.
    func run(clients: Int) async {
        await withTaskGroup { group in
            for client in 0..<clients {
                group.addTask {
                    await self.order(SeededGenerator(seed: self.seed &+ UInt64(client)))
                }
            }
        }
    }

    private func order(_ generator: SeededGenerator) async {
        var generator = generator
        while now.accepted.count < goal {
            let user = customers.randomElement(using: &generator) ?? ""
            let cents = Int.random(in: 1...5_000, using: &generator)
            let answer = try? await shop.call(
                .POST, "/orders",
                [
                    "user_id": .string(user), "description": "under fire",
                    "amount": .number(
                        "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"),
                ])
            let id = answer?.status == 201 ? answer?["order_id"] : nil
            tally.withLock { tally in
                tally.attempts += 1
                if let id { tally.accepted.append(id) } else { tally.unanswered += 1 }
            }
            if id == nil { await pause(&generator) }
        }
    }

    /// A refused customer comes back after a moment: the back-off that the API asks of its callers.
    private func pause(_ generator: inout SeededGenerator) async {
        let limit = Duration.milliseconds(Int.random(in: 20...100, using: &generator))
        try? await eventually(within: limit) { false }
    }
}
