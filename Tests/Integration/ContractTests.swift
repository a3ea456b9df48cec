import Foundation
import LocalStack
import TestShop
import TestSupport
import Testing

/// The running gateway against its own description, by somebody who has read nothing else.
@Suite struct ContractTests {
    /// More of it than the suite has time for: CONTRACT_EXAMPLES=500 and another CONTRACT_SEED.
    private static let environment = ProcessInfo.processInfo.environment
    private static let examples = environment["CONTRACT_EXAMPLES"] ?? "25"
    private static let seed = environment["CONTRACT_SEED"] ?? "1"

    @Test(.enabled(if: PythonTools.isPrepared, "\(PythonTools.advice)"))
    func `schemathesis finds nothing between /openapi.json and the gateway`() async throws {
        let shop = try await Shop.open()
        var command = PythonTools.command(
            "schemathesis",
            [
                "--config-file", PythonTools.file("schemathesis.toml"),
                "run", shop.url(.gateway) + "/openapi.json", "--no-color",
                "--max-examples", Self.examples, "--seed", Self.seed,
            ])
        // It keeps notes of its failures where it runs.
        command.workingDirectory = PythonTools.folder
        command.environment["SCHEMATHESIS_HOOKS"] = PythonTools.file("contract_hooks.py")
        let output = try await command.run(within: .seconds(3_600))
        print(output.standardOutput)
        #expect(output.succeeded, "\(output.standardOutput)\(output.standardError)")
        // A run that tested nothing would find nothing either.
        #expect(output.standardOutput.contains(/Selected: (\d+)\/\1\n +Tested: \1\n/))
        for phase in ["Examples", "Coverage", "Fuzzing", "Stateful"] {
            #expect(output.standardOutput.contains("✅ \(phase)"), "\(phase)")
        }
        await shop.close()
    }
}
