import Foundation
import LocalStack

/// What is measured while Payments is down.
extension BenchShop {
    /// Orders accepted a second, for so many seconds, that wait for nothing but Orders; what they
    /// left is settled before this returns.
    func accepting(for seconds: Int) async throws -> Double {
        let payments = try await stopPayments()
        let rate = try await accept(for: seconds).accepted_per_s
        _ = try await settle(by: payments)
        return rate
    }

    /// Accepts so many orders, then lets Payments come back; both times in seconds.
    func backlog(of count: Int) async throws -> (accepting: Double, settling: Double) {
        let payments = try await stopPayments()
        var accepted = 0
        var accepting = 0.0
        while accepted < count {
            let load = try await accept(for: 5)
            guard load.accepted > 0 else { throw StackError("nothing is accepted") }
            accepted += load.accepted
            accepting += Double(load.accepted) / load.accepted_per_s
        }
        return (accepting, try await settle(by: payments) / .seconds(1))
    }

    private func stopPayments() async throws -> Keeper {
        let payments = try await stack.keeper("payments")
        await payments.end(with: SIGTERM, hold: true)
        return payments
    }

    private func accept(for seconds: Int) async throws -> Load {
        try await load(
            ["--duration", "\(seconds)", "--clients", Self.crowd], mayLose: true, settlingWithin: 1)
    }

    /// How long Payments takes to come back and to settle all that waits.
    private func settle(by payments: Keeper) async throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        try await payments.start(within: .seconds(60))
        while try await pending() > 0 {
            guard clock.now - start < .seconds(1_200) else {
                throw StackError("the backlog was not settled within 20 minutes")
            }
            try await Task.sleep(for: .milliseconds(250))
        }
        return clock.now - start
    }

    private func pending() async throws -> Int {
        let text = try await psql(
            database: "orders",
            "SELECT (sum(placed) - sum(paid) - sum(failed))::bigint FROM order_counts")
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }
}
