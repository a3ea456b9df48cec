import Foundation
import Glibc
import LocalStack
import TestSupport
import Testing

/// The program behind `make chaos`, for a short time: that it runs, that it is green, and that it
/// leaves nothing behind. That it can be red is for the tests of its checker.
@Suite(
    .disabled(
        if: ProcessInfo.processInfo.environment["KASSA_WITHOUT_FIRE"] != nil,
        "KASSA_WITHOUT_FIRE is set: kassa-fire is not run, and nothing here says that it works"),
    .timeLimit(.minutes(15)))
struct FireRunTests {
    /// A folder for all that one run leaves, which the servers' own account can reach.
    private func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-fire-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        return folder
    }

    private func fire(_ folder: String, _ arguments: String...) throws -> Command {
        var command = Command(
            try BuiltProgram.path("kassa-fire"), arguments,
            environment: [String: String].withoutServers.merging(["TMPDIR": folder]) { $1 })
        command.endsWithParent = true
        return command
    }

    /// Processes that run in the folder or were told of it.
    private func processes(of folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { pid in
            guard Int(pid) != nil else { return false }
            return ["cmdline", "environ"].contains { file in
                let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/\(file)")
                return bytes.map { String(decoding: $0, as: UTF8.self).contains(folder) } ?? false
            }
        }
    }

    private func nothingIsLeft(in folder: String) async throws {
        // The last of the servers' own children may need a moment to hear of it.
        try await eventually("its processes have ended") { try processes(of: folder).isEmpty }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(left.allSatisfy { $0.hasSuffix(".log") }, "\(left)")
    }

    @Test func `fifteen seconds of faults end in a green verdict, contrary outcomes among them`()
        async throws
    {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Those that are over quickly, so that there are many.
        let faults = "kill,cut,sessions,purge,brokerCloses,duplicates,contradictions,poison"
        let output = try await fire(
            folder, "--seed", "1", "--seconds", "15", "--clients", "4", "--only", faults
        ).run(within: .seconds(400))
        let said = output.standardOutput
        #expect(output.succeeded, "\(said)\(output.standardError)")
        #expect(said.hasSuffix("VERDICT: every promise was kept.\n"), "\(said)")
        let lines = said.split(separator: "\n")
        func number(_ row: String) -> Int {
            let line = lines.first { $0.hasPrefix("\(row)  ") }
            return line?.dropFirst(row.count).split(separator: " ").first.flatMap { Int($0) } ?? -1
        }
        #expect(number("faults") > 0 && number("acknowledged") > 0, "\(said)")
        #expect(number("contrary outcomes at rest") > 0, "\(said)")
        for row in ["lost", "duplicated", "unexpected", "money error"] {
            #expect(number(row) == 0, "\(said)")
        }
        try await nothingIsLeft(in: folder)
    }

    /// At once, while the servers start; and under fire.
    @Test(arguments: [false, true])
    func `Ctrl-C ends all that it started and leaves nothing`(isUnderFire: Bool) async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = "\(folder)/run.log"
        let child = try await ChildProcess.start(
            try fire(folder, "--seed", "1", "--seconds", "600"), log: log)
        try await eventually(within: .seconds(400), "it has come so far") {
            guard child.isRunning else { throw StackError("it ended: \(text(of: log))") }
            return isUnderFire
                ? text(of: log).contains(" acknowledged, ")
                : try processes(of: folder).count > 1
        }
        let end = await child.stop(SIGINT, within: .seconds(400))
        #expect(end == .exited(130), "\(text(of: log))")
        try await nothingIsLeft(in: folder)
    }

    private func text(of log: String) -> String {
        (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    }
}
