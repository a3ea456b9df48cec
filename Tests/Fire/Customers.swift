import JSON
import NIOHTTP1
import TestDoubles
import TestShop
import TestSupport

/// Customers who order and pay in through the gateway, each request under a key, and send it again
/// under the same key until there is an answer.
struct Customers: Sendable {
    /// The account that nearly every third request is about.
    static let hot = "hot"
    /// Those who pay in.
    static let funded = (0..<10).map { "customer-\($0)" }
    /// One has an account without money, the other has none.
    private static let others = ["poor", "nobody"]

    let shop: Shop
    let record: ClientRecord
    let seed: UInt64

    /// Opens the accounts. (No fault has begun.)
    func arrive() async throws {
        for user in [Self.hot, "poor"] + Self.funded {
            try await eventually("\(user) has an account") {
                let status = try await shop.call(.POST, "/accounts?user_id=\(user)").status
                return status == 201 || status == 409
            }
        }
        for user in [Self.hot] + Self.funded {
            let intent = record.begin(.deposit, user, cents: 10_000_000)
            await carryOut(intent, until: .now + .seconds(60))
        }
    }

    /// Goes on until the shop closes, then until what was begun is answered, or until `last`.
    func shopping(clients: Int, last: ContinuousClock.Instant) async {
        await withTaskGroup { group in
            for client in 0..<clients {
                group.addTask {
                    var chance = SeededGenerator(seed: seed &+ 1_000 &+ UInt64(client))
                    while !record.isClosing, !Task.isCancelled {
                        await carryOut(wish(&chance), until: last)
                    }
                }
            }
        }
    }

    private func wish(_ chance: inout SeededGenerator) -> Intent {
        let kind = Int.random(in: 0..<100, using: &chance)
        let isHot = Int.random(in: 0..<100, using: &chance) < 30
        let funded = isHot ? Self.hot : Self.funded.randomElement(using: &chance) ?? Self.hot
        let cents = Int.random(in: 1...5_000, using: &chance)
        switch kind {
        case 0..<12: return record.begin(.deposit, funded, cents: cents)
        case 12..<25: return record.begin(.orderByRPC, funded, cents: cents)
        case 25..<33:
            let poor = Self.others.randomElement(using: &chance) ?? "nobody"
            return record.begin(.order, poor, cents: cents)
        default: return record.begin(.order, funded, cents: cents)
        }
    }

    /// Sends it until it is answered; one in twenty once more, to hear the same again.
    private func carryOut(_ intent: Intent, until limit: ContinuousClock.Instant) async {
        var repeats = intent.number.isMultiple(of: 20) ? 1 : 0
        var wait = Duration.milliseconds(50)
        while ContinuousClock.now < limit, !Task.isCancelled {
            if await send(intent) {
                guard repeats > 0 else { return }
                repeats -= 1
            } else {
                // The same back-off for all, apart by their numbers.
                await pause(wait + .milliseconds(intent.number % 50))
                wait = min(wait * 2, .seconds(1))
            }
        }
    }

    /// One attempt; whether it was answered.
    private func send(_ intent: Intent) async -> Bool {
        record.attempted()
        let path =
            switch intent.work {
            case .order: "/orders"
            case .orderByRPC: "/grpc/orders"
            case .deposit: "/accounts/\(intent.user)/deposit"
            }
        let body: JSONValue = [
            "user_id": .string(intent.user), "amount": .number(intent.amount),
            "description": .string(intent.mark),
        ]
        guard
            let answer = try? await shop.call(
                .POST, path, body, headers: ["Idempotency-Key": intent.key])
        else {
            record.unanswered()
            return false
        }
        switch (answer.status, intent.work) {
        case (200, .deposit): record.acknowledged(intent, id: "")
        case (201, .order), (201, .orderByRPC):
            guard let id = answer["order_id"] else {
                record.strange("\(intent.key): a 201 without order_id")
                return false
            }
            record.acknowledged(intent, id: id)
        case (409, _), (429, _), (502, _), (503, _), (504, _):
            record.unanswered()
            return false
        default:
            record.strange("\(intent.key): \(answer.status) \(answer.json)")
            return false
        }
        return true
    }
}
