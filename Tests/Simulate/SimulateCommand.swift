import ArgumentParser
import Dispatch
import Simulation
import Synchronization

/// Runs the simulated shop from a shell: many seeds, or one to look at.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-simulate",
        abstract: "Simulate the shop: virtual time, seeded faults, every promise checked.")

    @Option(help: "Run this seed alone, and tell what happened.")
    var seed: UInt64?

    @Option(help: "The first of several seeds.")
    var first: UInt64 = 1

    @Option(help: "How many seeds.")
    var seeds = 200

    @Option(help: "Orders in each run.")
    var orders = 500

    @Option(help: "Events to print of a run.")
    var events = 40

    @Flag(help: "Begin no more runs once a promise is broken.")
    var stop = false

    @Option(help: "Runs at the same time.")
    var width = 2

    func run() throws {
        if let seed { return try show(seed) }
        let begun = ContinuousClock.now
        let total = Mutex((seeds: 0, orders: 0, steps: 0, failed: [UInt64]()))
        let count = seeds
        DispatchQueue.concurrentPerform(iterations: width) { lane in
            for offset in stride(from: lane, to: count, by: width) {
                if stop, total.withLock({ !$0.failed.isEmpty }) { return }
                let result = Simulation(seed: first + UInt64(offset), orders: orders).run()
                total.withLock { total in
                    total.seeds += 1
                    total.orders += result.stored
                    total.steps += result.steps
                    guard result.violation != nil else { return }
                    total.failed.append(result.seed)
                    print(result.report(events: events))
                }
            }
        }
        let taken = ContinuousClock.now - begun
        let (done, stored, steps, failed) = total.withLock { $0 }
        let rate = Int(Double(stored) / (taken / .seconds(1)))
        print(
            "\(done) seeds, \(stored) orders, \(steps) steps in \(taken): \(rate) orders/s, "
                + "\(failed.count) seeds failed")
        if !failed.isEmpty { throw ExitCode(1) }
    }

    private func show(_ seed: UInt64) throws {
        let result = Simulation(seed: seed, orders: orders).run()
        if result.violation == nil { for line in result.events.suffix(events) { print(line) } }
        print(result.report(events: events))
        print(
            "\(result.orders) orders wanted, \(result.stored) stored, \(result.acknowledged) "
                + "acknowledged, \(result.paid) paid; \(result.steps) steps, "
                + "\(result.time / 1_000_000) virtual seconds; "
                + "trace \(String(result.traceSum, radix: 16))")
        if result.violation != nil { throw ExitCode(1) }
    }
}
