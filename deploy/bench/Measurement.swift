import LocalStack

/// What can be measured, in the order in which it is: what is divided by each other stands side by
/// side, since machines do not keep their speed.
enum Measurement: String, CaseIterable, Sendable {
    case lifecycle, kassa, grpc, hot, half, accept, accepting, batch, broker, rest, backlog, idle
    case big, overload

    var summary: String {
        switch self {
        case .lifecycle: "pgbench: the five statements an order needs, 32 clients"
        case .kassa: "orders through the gateway, as many as go, 256 clients"
        case .accept: "pgbench: accepting an order, 32 clients"
        case .accepting: "orders accepted while Payments is down, 256 clients"
        case .batch: "pgbench: accepting 64 orders in one commit"
        case .broker: "librabbitmq: persistent messages with confirms"
        case .hot: "like kassa, all orders on one account"
        case .grpc: "like kassa, through gRPC at Orders"
        case .rest: "one order at a time: how long until it is settled"
        case .half: "half of kassa's rate: how long until orders are settled"
        case .backlog: "orders accepted while Payments is down, and settled after"
        case .idle: "memory and CPU of the daemons with nothing to do"
        case .big: "like kassa, in front of millions of orders and of few (slow to prepare)"
        case .overload: "twice what can be settled for a minute, and how soon it is calm after it"
        }
    }

    /// Part of a run that names none, and made in every round; the others take long, and are made
    /// once.
    var isUsual: Bool { self != .big && self != .overload }

    /// Brings orders in, so that there have to be accounts.
    var needsAccounts: Bool { ![.lifecycle, .accept, .batch, .broker, .idle].contains(self) }

    func figures(_ shop: BenchShop, _ scale: Scale, _ results: Results) async throws -> [Figure] {
        switch self {
        case .lifecycle: try await pgbench(shop, "lifecycle", scale)
        case .accept: try await pgbench(shop, "accept", scale)
        case .accepting: [try await accepting(shop, scale)]
        case .batch: try await pgbench(shop, "batch", scale, rows: 64, clients: 4)
        case .broker: try await shop.brokerLimit()
        case .kassa: try await underLoad(shop, scale)
        case .hot: try await variant(shop, scale, "hot", ["--accounts", "1", "--prefix", "hot"])
        case .grpc:
            try await variant(
                shop, scale, "gRPC", ["--door", "grpc", "--rpc", shop.addresses.ordersRPC ?? ""])
        case .rest: try await rest(shop, scale)
        case .half: try await half(shop, scale, results)
        case .backlog: try await backlog(shop, scale)
        case .idle: try await idle(shop)
        case .big: try await big(shop, scale)
        case .overload: try await overload(shop, scale, results)
        }
    }

    private func pgbench(
        _ shop: BenchShop, _ script: String, _ scale: Scale, rows: Double = 1, clients: Int = 32
    ) async throws -> [Figure] {
        let rate = try await shop.pgbench(script, seconds: scale.seconds, clients: clients)
        return [Figure("pgbench \(script)", rate * rows, "/s")]
    }

    private func underLoad(_ shop: BenchShop, _ scale: Scale) async throws -> [Figure] {
        let (load, costs) = try await measured(shop, scale, "", [])
        return [
            Figure("accepted", load.accepted_per_s, "/s"),
            Figure("settled", load.settled_per_s, "/s"),
            Figure("accept p50", load.accept_us.p50 / 1_000, "ms"),
            Figure("accept p99", load.accept_us.p99 / 1_000, "ms"),
            Figure("settle p50", load.settle_us.p50 / 1_000, "ms"),
            Figure("settle p99", load.settle_us.p99 / 1_000, "ms"),
        ] + costs
    }

    private func variant(
        _ shop: BenchShop, _ scale: Scale, _ name: String, _ options: [String]
    ) async throws -> [Figure] {
        let (load, costs) = try await measured(shop, scale, ", \(name)", options)
        return [
            Figure("accepted, \(name)", load.accepted_per_s, "/s"),
            Figure("settled, \(name)", load.settled_per_s, "/s"),
        ] + costs
    }

    /// As many orders as go, and what they take of each process: time and memory.
    private func measured(
        _ shop: BenchShop, _ scale: Scale, _ suffix: String, _ options: [String]
    ) async throws -> (BenchShop.Load, [Figure]) {
        shop.forgetMemory()
        async let running = shop.load(
            ["--duration", "\(scale.seconds)", "--clients", BenchShop.crowd] + options)
        let costs = try await shop.cost(ofLoadFor: .seconds(scale.seconds))
        let load = try await running
        let memory = shop.memory()
        return (
            load,
            costs.sorted { $0.key < $1.key }.map {
                Figure("CPU an order, \($0.key)\(suffix)", $0.value, "µs")
            }
                + memory.sorted { $0.key < $1.key }.map {
                    Figure("RSS under load, \($0.key)\(suffix)", $0.value, "MB")
                }
        )
    }

    private func rest(_ shop: BenchShop, _ scale: Scale) async throws -> [Figure] {
        let load = try await shop.load(
            ["--duration", "\(scale.seconds)", "--clients", "1", "--rate", "20"])
        return [
            Figure("settle at rest p50", load.settle_us.p50 / 1_000, "ms"),
            Figure("settle at rest p99", load.settle_us.p99 / 1_000, "ms"),
        ]
    }

    private func half(
        _ shop: BenchShop, _ scale: Scale, _ results: Results
    ) async throws -> [Figure] {
        let rate = (results.median("settled") ?? 1_000) / 2
        let load = try await shop.load(
            ["--duration", "\(scale.seconds)", "--clients", "256", "--rate", "\(Int(rate))"])
        return [
            Figure("settle at half p50", load.settle_us.p50 / 1_000, "ms"),
            Figure("settle at half p99", load.settle_us.p99 / 1_000, "ms"),
        ]
    }

    /// What pgbench's accepting is like: nothing is settled meanwhile.
    private func accepting(_ shop: BenchShop, _ scale: Scale) async throws -> Figure {
        Figure("accepted, Payments down", try await shop.accepting(for: scale.seconds), "/s")
    }

    private func backlog(_ shop: BenchShop, _ scale: Scale) async throws -> [Figure] {
        let (accepting, settling) = try await shop.backlog(of: scale.backlog)
        return [
            Figure("backlog accepted", accepting, "s"), Figure("backlog settled", settling, "s"),
        ]
    }

    private func idle(_ shop: BenchShop) async throws -> [Figure] {
        let before = shop.processorTime()
        try await Task.sleep(for: .seconds(10))
        let after = shop.processorTime()
        var figures: [Figure] = []
        for name in ["gateway", "orders", "payments"] {
            let spent = (after[name] ?? 0) - (before[name] ?? 0)
            figures.append(Figure("CPU at rest, \(name)", spent / 10 * 100, "%"))
        }
        let busiest = figures.map(\.value).max() ?? 0
        return figures + [Figure("busiest at rest", busiest, "%")]
    }

    /// In turn with a second stack that has few: filling takes minutes, in which machines change
    /// their speed.
    private func big(_ shop: BenchShop, _ scale: Scale) async throws -> [Figure] {
        try await shop.fill(orders: scale.rows)
        let small = try await shop.openAnother()
        do {
            try await small.warmUp()
            var figures: [Figure] = []
            for turn in 1...3 {
                note("  turn \(turn) of 3: few orders, and millions")
                figures += try await variant(small, scale, "few", [])
                figures += try await variant(shop, scale, "big", [])
            }
            await small.close()
            return figures
        } catch {
            await small.close()
            throw error
        }
    }
}
