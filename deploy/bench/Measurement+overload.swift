import Foundation

extension Measurement {
    /// Offers twice what can be settled, and then as much as at rest. What can be settled is
    /// measured right before and right after it, since machines do not keep their speed, and for
    /// as long: each minute has its share of vacuum and of the disk's work, a few seconds may have
    /// none.
    ///
    /// There are fewer connections than the gateway lets in (1,536 on two cores), and more than
    /// wait for an answer at a time: besides 768 that are let in, 432, which is enough for 10,000
    /// refusals a second that come within 40 ms.
    func overload(
        _ shop: BenchShop, _ scale: Scale, _ results: Results
    ) async throws -> [Figure] {
        let rest = try await restingTime(shop, results)
        let before = try await most(shop, scale)
        let rate = 2 * before
        let clients = 600 * max(2, ProcessInfo.processInfo.activeProcessorCount)
        shop.forgetMemory()
        async let running = shop.load(
            [
                "--duration", "\(scale.overload)", "--clients", "\(clients)",
                "--rate", "\(Int(rate))", "--calm", "15",
            ], mayLose: true)
        let costs = try await shop.cost(ofLoadFor: .seconds(scale.overload))
        let load = try await running
        let after = try await most(shop, scale)
        let told = load.refused["503"] ?? 0
        let untold = load.refused.filter { $0.key.hasSuffix("without Retry-After") }.values
        let refused = load.refused.values.reduce(0, +)
        return [
            Figure("settled, before overload", before, "/s"),
            Figure("settled, after overload", after, "/s"),
            Figure("settled, around overload", (before + after) / 2, "/s"),
            Figure("offered, overload", Double(load.sent) / Double(scale.overload), "/s"),
            Figure("not offered for want of clients", Double(load.due - load.sent), ""),
            Figure("settled, overload", load.settled_per_s, "/s"),
            Figure("accepted, overload", load.accepted_per_s, "/s"),
            Figure("accept p99, overload", load.accept_us.p99 / 1_000, "ms"),
            Figure("settle p99, overload", load.settle_us.p99 / 1_000, "ms"),
            Figure("refused, overload", 100 * Double(refused) / Double(max(1, load.sent)), "%"),
            Figure("refused without Retry-After", Double(untold.reduce(0, +)), ""),
            Figure(
                "refused but not by 503", Double(refused - told - untold.reduce(0, +)), ""),
            Figure("refusal p50, overload", load.refuse_us.p50 / 1_000, "ms"),
            Figure("refusal p99, overload", load.refuse_us.p99 / 1_000, "ms"),
            Figure("unanswered, overload", Double(load.unanswered), ""),
            Figure("not settled, overload", Double(load.open), ""),
            Figure("calm after overload", Self.recovery(load.calm, below: 2 * rest), "s"),
        ]
            + costs.sorted { $0.key < $1.key }.map {
                Figure("CPU an accepted order, \($0.key), overload", $0.value, "µs")
            }
            + shop.memory().sorted { $0.key < $1.key }.map {
                Figure("RSS under load, \($0.key), overload", $0.value, "MB")
            }
    }

    /// Orders settled a second where as many are brought as go, for as long as the overload lasts.
    private func most(_ shop: BenchShop, _ scale: Scale) async throws -> Double {
        try await shop.load(["--duration", "\(scale.overload)", "--clients", BenchShop.crowd])
            .settled_per_s
    }

    /// The 99th percentile of settling at rest, in microseconds: measured in this run.
    private func restingTime(_ shop: BenchShop, _ results: Results) async throws -> Double {
        if let known = results.median("settle at rest p99") { return known * 1_000 }
        let load = try await shop.load(["--duration", "10", "--clients", "1", "--rate", "20"])
        note("  settle p99 at rest \((load.settle_us.p99 / 1_000).short) ms")
        return load.settle_us.p99
    }

    /// Seconds from the end of the overload to the first one whose orders settle within a bound;
    /// one more than there are where none does.
    private static func recovery(_ calm: BenchShop.Load.Calm?, below bound: Double) -> Double {
        guard let calm else { return .infinity }
        note(
            "  settle p99 afterwards, ms: "
                + calm.settle_p99_us.map { $0.map { ($0 / 1_000).short } ?? "-" }
                .joined(separator: " "))
        let seconds = calm.settle_p99_us
        let first = seconds.firstIndex { $0.map { $0 <= bound } ?? false } ?? seconds.count + 1
        return calm.lag_us / 1e6 + Double(first)
    }
}
