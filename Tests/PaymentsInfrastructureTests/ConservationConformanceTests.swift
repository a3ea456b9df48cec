import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles
import Testing

/// Money is conserved and no order is charged twice, whatever comes at once.
@Suite(.timeLimit(.minutes(3)))
struct ConservationConformanceTests {
    private static let users = ["ada", "bob", "eve", "zoe"]

    /// A batch as a broker might deliver it: repeats, new message ids, contradictions, strangers.
    private static func batch(_ generator: inout SeededGenerator) throws -> [ChargeRequest] {
        try (0..<Int.random(in: 1...20, using: &generator)).map { _ in
            let order = Int.random(in: 0..<60, using: &generator)
            // Most of the time an order's values are its own; now and then they contradict.
            let isHonest = Int.random(in: 0..<10, using: &generator) > 0
            let seed = isHonest ? order : Int.random(in: 0..<60, using: &generator)
            let user = seed % 9 == 8 ? "nobody" : users[seed % users.count]
            let message =
                Bool.random(using: &generator) ? nil : Int.random(in: 0..<200, using: &generator)
            return try request(order, by: user, "\(seed % 7 + 1).00", message: message)
        }
    }

    @Test(arguments: AccountWorld.Kind.allCases, 1...3 as ClosedRange<UInt64>)
    func `four callers with random batches and deposits keep every cent`(
        kind: AccountWorld.Kind, seed: UInt64
    ) async throws {
        let world = try await kind.make()
        var users: [UserID] = []
        for user in Self.users { users.append(try await world.open(user, cents: 3_000)) }
        let entries = try await withThrowingTaskGroup(of: [ChargeBook.Entry].self) { group in
            for caller in 0..<4 as Range<UInt64> {
                group.addTask { [users] in
                    var generator = SeededGenerator(seed: seed * 100 + caller)
                    var mine: [ChargeBook.Entry] = []
                    for _ in 0..<15 {
                        mine += try await world.charge(try Self.batch(&generator))
                        let user = users[Int.random(in: 0..<users.count, using: &generator)]
                        _ = try await world.accounts.deposit(.least, to: user)
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let (transfers, isBalanced) = try await world.audit(users)
        #expect(isBalanced, "the sum of the transfers is the balance, seed \(seed)")
        let charged = transfers.compactMap { transfer -> OrderID? in
            if case .charge(let order) = transfer.cause { order } else { nil }
        }
        #expect(Set(charged).count == charged.count, "no order is charged twice, seed \(seed)")
        let (decided, told) = Self.outcomes(entries)
        #expect(Set(decided.map(\.orderID)).count == decided.count, "decided once, seed \(seed)")
        #expect(told.isSubset(of: decided), "an answer never changes, seed \(seed)")
        let paid = decided.filter { $0.verdict == .paid }
        #expect(Set(charged) == Set(paid.map(\.orderID)), "what is paid moved, seed \(seed)")
        let deposits = transfers.filter { $0.cause == .deposit }
        #expect(deposits.count == 4 + 4 * 15)
        let taken = paid.reduce(0) { $0 + $1.amount.money.minorUnits }
        let left = try await world.accounts.list(PageRequest())
            .reduce(0) { $0 + $1.balance.minorUnits }
        #expect(left + taken == 4 * 3_000 + 4 * 15, "seed \(seed)")
        let summary = try await world.accounts.summary()
        #expect(summary.accounts == 4)
        #expect(summary.deposits == deposits.count)
        #expect(summary.charges == paid.count)
        #expect(summary.charged.minorUnits == Int128(taken))
        #expect(summary.balance.minorUnits == Int128(left), "seed \(seed)")
    }

    private static func outcomes(
        _ entries: [ChargeBook.Entry]
    ) -> (decided: Set<PaymentOutcome>, told: Set<PaymentOutcome>) {
        var (decided, told): (Set<PaymentOutcome>, Set<PaymentOutcome>) = ([], [])
        for entry in entries {
            switch entry {
            case .decided(let outcome): decided.insert(outcome)
            case .repeated(let outcome): told.insert(outcome)
            case .contradicts: break
            }
        }
        return (decided, told)
    }
}
