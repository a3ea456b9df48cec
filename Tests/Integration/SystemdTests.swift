import Foundation
import LocalStack
import Testing
import TestSupport

/// Kassa installed on a machine with systemd. What is shown is in `systemd/shakedown`; here is
/// who may run it: it installs programs and restarts servers, so the machine must be one to throw
/// away.
@Suite struct SystemdTests {
    /// The command that boots such a machine and runs the rest of its arguments in it; nil
    /// where there is none.
    private static let lab: String? = {
        let command = ProcessInfo.processInfo.environment["KASSA_SYSTEMD_LAB"] ?? ""
        return command.isEmpty ? nil : command
    }()

    @Test(
        .enabled(
            if: lab != nil,
            """
            set KASSA_SYSTEMD_LAB to a command that boots a throw-away systemd and runs its \
            arguments there
            """),
        .timeLimit(.minutes(15)))
    func `Kassa is at home under systemd`() async throws {
        let lab = try #require(Self.lab)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "systemd/shakedown").path(percentEncoded: false)
        let programs = URL(filePath: try BuiltProgram.path("kassa-orders"))
            .deletingLastPathComponent().path(percentEncoded: false)
        let table = try await Command(
            "/usr/bin/env", [lab, script, programs],
            environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        ).runOrThrow(within: .seconds(840))
        print(table)
        #expect(!table.contains("FAILED"))
    }
}
