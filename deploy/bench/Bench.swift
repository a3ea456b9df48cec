import ArgumentParser
import Foundation
import LocalStack
import Logging
import UnixSignals

/// `make bench`: Kassa and what it is compared with, alternating, on one machine, in one run.
@main struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-bench",
        abstract: "Measure Kassa against PostgreSQL's and RabbitMQ's own limits, in one run.",
        discussion: """
            Everything runs here, with full durability (fsync and synchronous_commit on, \
            persistent messages, confirms): the load, the gateway, both services, PostgreSQL and \
            RabbitMQ. Each round makes every measurement once; the table has the ratios of the \
            rounds' medians. Absolute figures are this machine's and this hour's; ratios travel.

            MEASUREMENTS
            \(Measurement.allCases.map { "  \($0.rawValue.padded(to: 10)) \($0.summary)" }
                .joined(separator: "\n"))
            """)

    @Option(help: "How often each measurement is made, 1 to 20.") var rounds = 3
    @Option(help: ArgumentHelp("How long each lasts.", valueName: "seconds")) var seconds = 10
    @Option(
        help: ArgumentHelp(
            "Only these, separated by commas; by default all but big and overload.",
            valueName: "names"))
    var only: String?
    @Option(help: "How many orders the backlog has.") var backlog = 100_000
    @Option(help: "How many orders 'big' puts into the table first.") var rows = 10_000_000
    @Option(
        help: ArgumentHelp(
            "How long 'overload' lasts, and what is measured before and after it, each.",
            valueName: "seconds"))
    var overload = 60
    @Option(help: ArgumentHelp("Write the figures as JSON.", valueName: "file")) var json: String?
    @Option(help: ArgumentHelp("Write a page with plots.", valueName: "file")) var html: String?
    @Option(help: "Where the reference scripts are.") var reference = "deploy/bench/reference"

    func validate() throws {
        guard (1...20).contains(rounds), (1...600).contains(seconds), backlog > 0, rows > 0,
            (1...600).contains(overload)
        else {
            throw ValidationError(
                "--rounds is 1 to 20, --seconds and --overload 1 to 600, the rest above 0")
        }
        _ = try chosen()
    }

    func run() async throws {
        #if DEBUG
            note("This is a debug build: its figures say nothing. Use make bench.")
        #endif
        let measurements = try chosen()
        // Before anything is started that would stay behind, with its folder of some gigabytes.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        try await withThrowingTaskGroup { group in
            group.addTask { try await measure(measurements) }
            group.addTask {
                for await signal in signals {
                    note("\(signal): taking the stack down")
                    throw ExitCode(128 + signal.rawValue)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func measure(_ measurements: [Measurement]) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        note("starting a stack in \(folder.path)")
        let shop = try await BenchShop.open(folder.path, reference: reference)
        do {
            var results = Results(machine: await shop.machine())
            if measurements.contains(where: \.needsAccounts) {
                note("opening accounts and warming up")
                try await shop.warmUp()
            }
            for round in 1...rounds {
                for measurement in measurements where round == 1 || measurement.isUsual {
                    note("round \(round) of \(rounds): \(measurement.rawValue)")
                    let figures = try await measurement.figures(
                        shop,
                        Scale(
                            seconds: seconds, backlog: backlog, rows: rows, overload: overload),
                        results)
                    for figure in figures {
                        note("  \(figure.name) \(figure.value.short)")
                        results.add(figure)
                    }
                }
            }
            await shop.close()
            try publish(results)
        } catch {
            await shop.close()
            throw error
        }
    }

    private func publish(_ results: Results) throws {
        // Unbuffered, so that it stands before what is noted next.
        FileHandle.standardOutput.write(Data((results.table + "\n").utf8))
        if let json { try Data(results.json.utf8).write(to: URL(filePath: json)) }
        if let html { try Data(Page(results).text.utf8).write(to: URL(filePath: html)) }
        for file in [json, html].compactMap({ $0 }) { note("wrote \(file)") }
    }

    private func chosen() throws -> [Measurement] {
        guard let only else { return Measurement.allCases.filter(\.isUsual) }
        return try only.split(separator: ",").map { name in
            guard let found = Measurement(rawValue: String(name)) else {
                throw ValidationError("there is no measurement '\(name)'; see --help")
            }
            return found
        }
    }
}

/// How large the measurements are.
struct Scale: Sendable {
    let seconds: Int
    let backlog: Int
    let rows: Int
    /// Seconds.
    let overload: Int
}

/// A line for the person who waits.
func note(_ line: String) {
    FileHandle.standardError.write(Data("bench: \(line)\n".utf8))
}

extension Double {
    /// As few digits as tell it apart from its like.
    var short: String {
        switch abs(self) {
        case 100...: String(format: "%.0f", self)
        case 10...: String(format: "%.1f", self)
        default: String(format: "%.2f", self)
        }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

/// A folder of this run's alone, not in memory: PostgreSQL's fsync has to cost what it costs.
struct TemporaryFolder {
    let path: String

    init() throws {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        path = "\(base)/kassa-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o711])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
