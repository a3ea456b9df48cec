import Foundation
import LocalStack
import Simulation
import TestSupport
import Testing

/// The shop of the services' own code, in worlds where everything goes wrong.
struct SimulationTests {
    /// Runs on threads of its own: a simulation is one thread's work from beginning to end, and the
    /// global queues' threads are those on which every other test waits for its turn.
    private func results(
        of simulations: [Simulation], width: Int = 2
    ) async -> [SimulationResult] {
        await withTaskGroup(of: [SimulationResult].self) { group in
            for lane in 0..<width {
                let mine = stride(from: lane, to: simulations.count, by: width)
                    .map { simulations[$0] }
                group.addTask { await Self.onOwnThread { mine.map { $0.run() } } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func onOwnThread<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: work()) }
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    private func expectKept(_ results: [SimulationResult]) {
        for result in results where result.violation != nil {
            Issue.record(Comment(rawValue: result.report()))
        }
    }

    @Test func `no promise is broken in 240 worlds and 100,000 orders`() async {
        let results = await results(
            of: (1...240).map { Simulation(seed: $0, orders: 480) })
        expectKept(results)
        #expect(results.count == 240)
        #expect(results.reduce(0) { $0 + $1.stored } >= 100_000)
    }

    @Test func `a daemon may be killed before each of its steps`() async {
        let peaceful = await results(
            of: [Simulation(seed: 1, orders: 4, adversity: Adversity())])
        expectKept(peaceful)
        let lives = (0..<2).flatMap { daemon in
            (0..<Self.stepsOfALife).map { step in
                var simulation = Simulation(seed: 1, orders: 4, adversity: Adversity())
                simulation.fatalStep = (daemon, step)
                return simulation
            }
        }
        let results = await results(of: lives)
        expectKept(results)
        // Fewer would mean that most of the kills came after the last step.
        #expect(Set(results.map(\.traceSum)).count > lives.count / 2)
    }

    /// More than a daemon's first life has in that world while there is work.
    private static let stepsOfALife = 300

    @Test(arguments: [3, 11, 42] as [UInt64])
    func `the same seed is the same run in another process`(seed: UInt64) async throws {
        let program = try BuiltProgram.path("kassa-simulate")
        var endings: [String] = []
        for _ in 0..<2 {
            endings.append(
                try await Command(
                    program, ["--seed", "\(seed)", "--orders", "60"],
                    environment: ProcessInfo.processInfo.environment
                ).runOrThrow(within: .seconds(60)))
        }
        #expect(endings[0] == endings[1])
        let here = await results(of: [Simulation(seed: seed, orders: 60)])
        #expect(endings[0].hasSuffix("trace \(String(here[0].traceSum, radix: 16))\n"))
    }
}
