import Foundation
import Glibc
import LocalStack
import TestSupport
import Testing

/// The real `kassa-stack` with the real daemons, in a folder of its own. One after the other: both
/// want the preferred ports.
@Suite(.serialized) struct KassaStackTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "kassa-\(UUID().uuidString)").path(percentEncoded: false)
    private var folder: StackFolder { StackFolder(path: path) }

    private func kassaStack(
        _ arguments: String..., environment added: [String: String] = [:]
    ) async throws -> CommandOutput {
        let environment = [String: String].withoutServers.merging(added) { $1 }
        return try await Command(
            try BuiltProgram.path("kassa-stack"), arguments + ["--dir", path],
            environment: environment
        ).run(within: .seconds(300))
    }

    /// Whatever a stack of this folder runs, by the name of the folder on its command line or the
    /// pids it recorded.
    private func running() -> [Int32] {
        let recorded = StackState.read(folder).map { state in
            ([state.supervisor] + state.processes.compactMap(\.process)).filter(\.isRunning)
                .map(\.pid)
        }
        let named = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [])
            .compactMap(Int32.init).filter { pid in
                guard pid != getpid(), ProcessIdentity(pid: pid) != nil else { return false }
                let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
                return line.map { String(decoding: $0, as: UTF8.self).contains(path) } ?? false
            }
        return Array(Set((recorded ?? []) + named)).sorted()
    }

    @Test func `up, a death, a killed supervisor, and down, which leaves no process`() async throws
    {
        try await withCleanUp {
            let first = try await kassaStack("up")
            #expect(first.succeeded, "\(first.standardOutput)\(first.standardError)")
            #expect(!first.standardOutput.contains(":@") && first.standardOutput.contains(":***@"))
            let second = try await kassaStack("up")
            #expect(second.standardOutput.hasPrefix("Kassa is up already."))
            #expect(try await kassaStack("status", "--json").succeeded)
            #expect(
                try await kassaStack("env").standardOutput.contains("export ORDERS_DATABASE_URL="))
            #expect(try await !kassaStack("wipe", "--yes").succeeded)

            let gateway = try #require(process("gateway"))
            kill(gateway.pid, SIGKILL)
            try await eventually(within: .seconds(120)) {
                guard let next = process("gateway"), next != gateway else { return false }
                return try await kassaStack("status").succeeded
            }

            let state = try #require(StackState.read(folder))
            kill(state.supervisor.pid, SIGKILL)
            try await eventually { !state.supervisor.isRunning }
            #expect(try await !kassaStack("status").succeeded)
            #expect(try await !kassaStack("env").succeeded)
            #expect(try await kassaStack("down").standardOutput.contains("had left: gateway"))
            try await eventually(within: .seconds(30), "no process is left") { running().isEmpty }
            #expect(try await kassaStack("wipe", "--yes").succeeded)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a start that fails says why, and leaves no process`() async throws {
        try await withCleanUp {
            let nobody = "postgresql://nobody:s3cret@127.0.0.1:1/nothing"
            let answer = try await kassaStack(
                "up", environment: ["LOG_LEVEL": "shouting", "ORDERS_DATABASE_URL": nobody])
            #expect(!answer.succeeded)
            #expect(answer.standardError.contains("does not start: exit status"))
            #expect(!(answer.standardOutput + answer.standardError).contains("s3cret"))
            try await eventually(within: .seconds(30), "no process is left") { running().isEmpty }
        }
    }

    private func process(_ name: String) -> ProcessIdentity? {
        StackState.read(folder)?.processes.first { $0.name == name }?.process
    }

    private func withCleanUp(_ body: () async throws -> Void) async throws {
        let result = await Result { try await body() }
        _ = try? await kassaStack("down")
        _ = try? await kassaStack("wipe", "--yes")
        try result.get()
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
