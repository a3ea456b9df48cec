import Foundation
import Glibc
@testable import LocalStack
import Logging
import Synchronization
import TestSupport
import Testing

@Suite struct KeeperTests {
    private let log = FileManager.default.temporaryDirectory
        .appending(path: "kassa-keeper-\(UUID().uuidString).log").path(percentEncoded: false)

    private func shell(_ script: String) -> Command {
        Command("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
    }

    private func keeper(
        _ script: String, health: Health = .healthy, port: Int? = nil, records: Records = Records()
    ) -> Keeper {
        let plan = ProcessPlan(
            name: "probe", command: shell(script), log: log, port: port
        ) { health }
        return Keeper(plan, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
            records.add($0)
        }
    }

    @Test func `a child that is killed is started again, and not once it is stopped`() async throws
    {
        let records = Records()
        let keeper = keeper("exec sleep 600", records: records)
        try await keeper.start(within: .seconds(60))
        let first = try #require(records.last?.process)
        kill(first.pid, SIGKILL)
        try await eventually { records.last?.restarts == 1 && records.last?.process != nil }
        let second = try #require(records.last?.process)
        #expect(second != first)
        await keeper.stop()
        #expect(!second.isRunning)
        #expect(records.last?.process == nil)
        try? FileManager.default.removeItem(atPath: log)
    }

    @Test func `a child that cannot start fails with the line of its log`() async throws {
        let keeper = keeper("echo FATAL: no disk >&2; exit 3", health: .unhealthy("silent"))
        let error = await #expect(throws: StackError.self) {
            try await keeper.start(within: .seconds(60))
        }
        #expect(error?.description.contains("FATAL: no disk") == true)
        #expect(error?.description.contains("exit status 3") == true)
        await keeper.stop()
        try? FileManager.default.removeItem(atPath: log)
    }

    @Test func `a stranger that answers on the port is not taken for the child`() async throws {
        let keeper = keeper("exit 1", health: .healthy, port: 1)
        await #expect(throws: StackError.self) { try await keeper.start(within: .seconds(60)) }
        await keeper.stop()
        try? FileManager.default.removeItem(atPath: log)
    }

    @Test func `a child that is held down comes back only when it is started`() async throws {
        let records = Records()
        let keeper = keeper("exec sleep 600", records: records)
        try await keeper.start(within: .seconds(60))
        await keeper.end(with: SIGKILL, hold: true)
        try await eventually { records.last?.process == nil }
        try await keeper.start(within: .seconds(60))
        #expect(records.last?.process?.isRunning == true)
        await keeper.stop()
        try? FileManager.default.removeItem(atPath: log)
    }

    @Test func `a child that a cancelled task starts is the task's to stop`() async throws {
        let starting = Task {
            await untilCancelled()
            return try await ChildProcess.start(shell("exec sleep 5"), log: log)
        }
        starting.cancel()
        let child = try await starting.value
        #expect(child.isRunning)
        #expect(await child.stop(SIGKILL, within: .seconds(60)) == .signalled(SIGKILL))
        try? FileManager.default.removeItem(atPath: log)
    }

    private func untilCancelled() async {
        let silence = AsyncStream<Never>.makeStream()
        for await _ in silence.stream {}
    }

    @Test func `a child that ignores SIGTERM is killed after its deadline`() async throws {
        let child = try await ChildProcess.start(
            shell("trap '' TERM; echo ready; while :; do sleep 1; done"), log: log)
        try await eventually { try String(contentsOfFile: log, encoding: .utf8).contains("ready") }
        #expect(await child.stop(within: .milliseconds(200)) == .signalled(SIGKILL))
        #expect(!child.isRunning)
        try? FileManager.default.removeItem(atPath: log)
    }

    @Test func `a command that does not end is killed at its deadline`() async throws {
        let start = ContinuousClock.now
        await #expect(throws: StackError.self) {
            try await shell("exec sleep 600").run(within: .milliseconds(300))
        }
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func `a program that is missing is an error with its name`() async throws {
        let error = await #expect(throws: StackError.self) {
            try await ChildProcess.start(Command("/no/such/program"), log: log)
        }
        #expect(error?.description.contains("/no/such/program") == true)
        try? FileManager.default.removeItem(atPath: log)
    }

    @Test(.enabled(if: geteuid() == 0))
    func `many starts at once as another account all come through`() async throws {
        let user = try #require(try ServerUser.choose())
        try await withThrowingTaskGroup { group in
            for _ in 0..<40 {
                group.addTask {
                    var command = Command("/usr/bin/id", ["-u"])
                    command.user = user
                    return try await command.runOrThrow(within: .seconds(60))
                }
            }
            for try await answer in group { #expect(answer == "\(user.userID)\n") }
        }
    }
}

/// The records that a keeper reported.
final class Records: Sendable {
    private let all = Mutex<[ProcessRecord]>([])
    var last: ProcessRecord? { all.withLock(\.last) }
    func add(_ record: ProcessRecord) { all.withLock { $0.append(record) } }
}
