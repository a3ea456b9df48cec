import Foundation
import LocalStack
import Testing
import TestSupport

/// Kassa's package on a machine with systemd. What is shown is in `systemd/shakedown`; here is
/// who may run it: it installs a package and restarts servers, so the machine must be one to throw
/// away.
@Suite(
    .enabled(
        if: Lab.command != nil && Lab.package != nil,
        """
        needs a machine to throw away: let KASSA_SYSTEMD_LAB name a command that boots a systemd \
        and runs its arguments there, and KASSA_PACKAGE the package that make deb made, at a path \
        that is seen there; make shakedown does the same without the suite
        """),
    .timeLimit(.minutes(25)))
struct SystemdTests {
    @Test func `Kassa is at home under systemd`() async throws {
        let (lab, package) = (try #require(Lab.command), try #require(Lab.package))
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "systemd/shakedown").path(percentEncoded: false)
        let newer = Lab.newerPackage.map { [$0] } ?? []
        let ended = try await Command(
            "/usr/bin/env", [lab, script, package] + newer,
            environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        ).runOrThrow(within: .seconds(1_440))
        print(ended)
        #expect(!ended.contains("FAILED"))
    }
}

private enum Lab {
    static let command = variable("KASSA_SYSTEMD_LAB")
    static let package = variable("KASSA_PACKAGE")
    /// Another version, to upgrade to and to come back from.
    static let newerPackage = variable("KASSA_NEWER_PACKAGE")

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
