import ArgumentParser
import Foundation
import LocalStack

/// `status`: what runs, and whether it is healthy.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show each process and its health; exit status 0 only when all are healthy.")

    @OptionGroup var location: FolderOption

    @Flag(help: "As JSON, for programs.")
    var json = false

    func run() async throws {
        let rows = await Report.rows(StackState.read(location.folder))
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            say(String(decoding: try encoder.encode(rows), as: UTF8.self))
        } else if rows.isEmpty {
            say("Kassa is not up in \(location.path).")
        } else {
            say(Report.table(rows))
        }
        guard !rows.isEmpty, rows.allSatisfy({ $0.health == "healthy" }) else {
            throw ExitCode(1)
        }
    }
}

/// `env`: addresses for a shell.
struct Env: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the addresses as shell exports, passwords included.",
        discussion: #"Use it as: eval "$(kassa-stack env)""#)

    @OptionGroup var location: FolderOption

    func run() throws {
        let state = try location.liveState()
        guard state.phase == .ready else { throw Failure("Kassa is \(state.phase.rawValue)") }
        for (name, value) in state.addresses.exports {
            say("export \(name)='\(value.replacing("'", with: #"'\''"#))'")
        }
    }
}

/// `logs`: what the processes wrote.
struct Logs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show the logs: orders, payments, gateway, rabbitmq, postgres, epmd or supervisor.")

    @OptionGroup var location: FolderOption

    @Argument(help: "Whose log; all of them when absent.")
    var name: String?

    @Flag(name: .shortAndLong, help: "Go on with what is written from now on.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "How many lines of each.")
    var lines = 50

    func run() throws {
        let folder = location.folder
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder.logs)) ?? [])
            .filter { $0.hasSuffix(".log") }.map { String($0.dropLast(4)) }.sorted()
        if let name, !all.contains(name) {
            throw Failure("No log of '\(name)'. There are: \(all.joined(separator: ", "))")
        }
        guard !all.isEmpty else { throw Failure("No logs in \(folder.logs) yet") }
        let files = (name.map { [$0] } ?? all).map(folder.log)
        let arguments = ["tail", "-n", "\(max(lines, 0))"] + (follow ? ["-F"] : []) + files
        // tail knows how to follow files over a restart: this process becomes it.
        try Exec.replace("/usr/bin/tail", arguments)
    }
}
