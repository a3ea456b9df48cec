import ArgumentParser
import CAllocationCount
import Foundation
import JSON
import MicroBenchmarks

/// `make microbench`: what the pure code costs by itself, without database, broker or network.
@main struct MicroBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-microbench",
        abstract: "Measure the pure code: nanoseconds, allocations and instructions an operation.",
        discussion: """
            Each operation and its yardstick, which does the same with Foundation, are measured \
            in turn. NS is the median of the samples, MIN the least, P90 what nine of ten do not \
            exceed, each for one operation. ALLOCS is how often one asks for memory. INSTR is \
            what callgrind counts, with --instructions. RATIO is Kassa's time through the \
            yardstick's: below 1 Kassa is faster. Times are this machine's and this hour's; \
            ratios, allocations and instructions travel.

            EXAMPLES
              kassa-microbench --only json,time
              kassa-microbench --seconds 2 --json after.json
              perf record kassa-microbench --once json-read-page --iterations 9999

            BENCHMARKS
            \(Self.list)
            """)

    @Option(
        help: ArgumentHelp(
            "Only these, separated by commas; the beginning of a name stands for all that begin "
                + "so.", valueName: "names"))
    var only: String?
    @Option(help: ArgumentHelp("How long each is measured, 0.01 to 60.", valueName: "seconds"))
    var seconds = 0.4
    @Option(help: ArgumentHelp("Write the figures as JSON.", valueName: "file")) var json: String?
    @Flag(help: "Count instructions too, by callgrind (some 3 seconds each).")
    var instructions = false
    @Option(help: ArgumentHelp("Do nothing but run this one, for a profiler.", valueName: "name"))
    var once: String?
    @Option(help: "How often --once runs it.") var iterations = 1

    private static var list: String {
        let all = (try? Benchmark.all) ?? []
        let width = all.map(\.name.count).max() ?? 0
        return all.map { benchmark in
            let space = String(repeating: " ", count: width - benchmark.name.count)
            return "  \(benchmark.name)\(space)  \(benchmark.summary)"
        }.joined(separator: "\n")
    }

    func validate() throws {
        guard (0.01...60).contains(seconds), iterations >= 0 else {
            throw ValidationError("--seconds is 0.01 to 60, --iterations 0 or more")
        }
        _ = try chosen()
    }

    func run() throws {
        let benchmarks = try chosen()
        if once != nil {
            for benchmark in benchmarks { try benchmark.work(iterations) }
            return
        }
        #if DEBUG
            note("This is a debug build: its figures say nothing. Use make microbench.")
        #endif
        let callgrind = instructions ? try Callgrind.prepared() : nil
        defer { callgrind?.remove() }
        if instructions, callgrind == nil {
            note("valgrind is not installed, so no instructions: apt-get install valgrind")
        }
        let stopwatch = Stopwatch(budget: .seconds(seconds)) { allocation_count() }
        var findings: [Finding] = []
        for benchmark in benchmarks {
            note(benchmark.name)
            var finding = try stopwatch.measure(benchmark)
            if let callgrind {
                finding.instructions = try callgrind.instructions(
                    of: benchmark.name, nanoseconds: finding.own.nanoseconds.median)
            }
            findings.append(finding)
        }
        let report = Report(findings)
        print(report.table)
        guard let json else { return }
        try Data(report.json.encoded).write(to: URL(filePath: json))
        note("wrote \(json)")
    }

    private func chosen() throws -> [Benchmark] {
        do {
            if let once { return try Benchmark.named(once).filter { $0.name == once } }
            return try only.map { try Benchmark.named($0) } ?? Benchmark.all
        } catch let unknown as UnknownBenchmark {
            throw ValidationError("there is no benchmark '\(unknown.name)'; see --help")
        }
    }
}

/// A line for the person who waits.
func note(_ line: String) {
    FileHandle.standardError.write(Data("microbench: \(line)\n".utf8))
}
