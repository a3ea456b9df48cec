import Foundation
import LocalStack

extension BenchShop {
    /// What an order took of each process while a load was in full swing: CPU microseconds by name,
    /// the load generator's as `load`.
    ///
    /// The first and the last part of the time are left out: connections that are opened, pools
    /// that fill, and the load generator's looking for each order's end are none of an order's
    /// cost.
    ///
    /// - Parameter duration: how long the load lasts that begins now.
    func cost(ofLoadFor duration: Duration) async throws -> [String: Double] {
        let edge = min(.milliseconds(1_500), duration / 4)
        try await Task.sleep(for: edge)
        let before = try await sample()
        try await Task.sleep(for: duration - edge * 2)
        let after = try await sample()
        let orders = Double(max(1, after.orders - before.orders))
        var costs: [String: Double] = [:]
        for (name, time) in after.times {
            costs[name] = (time - (before.times[name] ?? 0)) * 1e6 / orders
        }
        return costs
    }

    private func sample() async throws -> (orders: Int, times: [String: Double]) {
        let placed = try await psql(
            database: "orders", "SELECT sum(placed)::bigint FROM order_counts")
        let orders = Int(placed.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        return (orders, processorTime())
    }

    /// Seconds of CPU that each part of the stack has taken so far, its children included, and the
    /// load generator that runs at the moment.
    func processorTime() -> [String: Double] {
        let processes = ProcessTable()
        var times: [String: Double] = [:]
        for record in stack.currentState.processes {
            guard let pid = record.process?.pid else { continue }
            times[record.name] = processes.seconds(of: pid)
        }
        times["load"] = processes.seconds(ofChildren: "kassa", of: getpid())
        return times
    }

    /// Resident memory of the daemons in MB, at its peak since they were told to forget it.
    func memory() -> [String: Double] {
        daemons.mapValues { ProcessTable.peakMemory(of: $0) }
    }

    /// What a daemon's memory was at its peak before is not this measurement's.
    func forgetMemory() {
        for pid in daemons.values { ProcessTable.forgetPeakMemory(of: pid) }
    }

    private var daemons: [String: Int32] {
        var found: [String: Int32] = [:]
        for record in stack.currentState.processes
        where ["orders", "payments", "gateway"].contains(record.name) {
            found[record.name] = record.process?.pid
        }
        return found
    }
}
