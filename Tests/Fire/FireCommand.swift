import ArgumentParser
// DispatchSource is safe to use from any thread, but not marked so on Linux.
@preconcurrency import Dispatch
import Foundation
import Glibc
import TestSupport

/// `make chaos`: the shop under fire.
@main struct FireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-fire",
        abstract:
            "Bring load to a shop of its own, break whatever can break, then check the books.",
        discussion: """
            Customers order and pay in through the gateway, each request under an Idempotency-Key, \
            and repeat it until it is answered. A seed decides which faults come, in which order \
            and how. Then the faults end, and what the customers were told is held against what \
            the services have stored. Exit status 0 only when every promise was kept.

            FAULTS
            \(FaultKind.allCases.map { "  \("\($0)".padded(to: 16)) \($0.rawValue)" }
                .joined(separator: "\n"))
            """)

    @Option(help: "Decides the faults; the same seed is the same schedule.") var seed: UInt64 = 1
    @Option(help: "How long the faults go on.") var seconds = 60
    @Option(help: "The same in minutes.") var minutes: Int?
    @Option(help: "Customers at the same time, 1 to 64.") var clients = 6
    @Option(help: ArgumentHelp("Only these faults, separated by commas.", valueName: "names"))
    var only: String?

    func validate() throws {
        guard (1...86_400).contains(seconds), (1...1_440).contains(minutes ?? 1),
            (1...64).contains(clients)
        else { throw ValidationError("--seconds, --minutes or --clients is out of bounds") }
        _ = try chosen()
    }

    func run() async throws {
        try OwnMounts.enter()
        let duration = Duration.seconds(minutes.map { $0 * 60 } ?? seconds)
        let obstacle = SmallDisk.obstacle
        let kinds = try chosen().filter { $0 != .diskFull || obstacle == nil }
        var skipped = [(kind: String, reason: String)]()
        if let obstacle { skipped.append((FaultKind.diskFull.rawValue, obstacle)) }
        skipped += Self.impossible
        let options = BattleOptions(
            seed: seed, duration: duration, clients: clients, kinds: kinds, skipped: skipped)
        // Room for what the customers do, and not much more.
        let megabytes = 400 + 40 * Int(duration / .seconds(60))
        let interruption = Self.interruption()
        let work = Task {
            let field = try await Battlefield.open(
                diskMegabytes: kinds.contains(.diskFull) ? megabytes : nil)
            let result = await Task { try await Battle(on: field, options).run() }.cancelledWithUs()
            // Whatever happened, and though this task may be cancelled: nothing stays behind.
            await Task { await field.close() }.value
            return try result.get()
        }
        let watch = Task {
            for await _ in interruption { work.cancel() }
        }
        defer { watch.cancel() }
        do {
            let report = try await work.value
            print(report.text)
            if report.exitCode != 0 { throw ExitCode(report.exitCode) }
        } catch is CancellationError {
            throw ExitCode(130)
        }
    }

    /// What one machine does not allow, with the reason.
    private static let impossible: [(kind: String, reason: String)] = [
        ("wall clock", "it is the whole machine's; the simulation has wrong clocks"),
        ("power cut", "kill -9 leaves the kernel's cache; the servers run with fsync on"),
        ("lost and reordered packets", "no netem here; TCP mends both, the proxy cuts and delays"),
    ]

    private func chosen() throws -> [FaultKind] {
        guard let only else { return FaultKind.allCases }
        return try only.split(separator: ",").map { name in
            guard let kind = FaultKind.allCases.first(where: { "\($0)" == name }) else {
                throw ValidationError("there is no fault '\(name)'; see --help")
            }
            return kind
        }
    }

    /// One element for each SIGINT or SIGTERM.
    private static func interruption() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.activate()
            return source
        }
        continuation.onTermination = { _ in sources.forEach { $0.cancel() } }
        return stream
    }
}

extension Task where Failure == any Error {
    /// Waits for the end of this task, which is cancelled when the caller is.
    func cancelledWithUs() async -> Result<Success, any Error> {
        await withTaskCancellationHandler {
            await result
        } onCancel: {
            cancel()
        }
    }
}
