import Foundation
package import LocalStack

/// The programs of the Python environment that `Tests/prepare-python` makes.
package enum PythonTools {
    /// The environment's folder.
    package static let folder = root + ".build/python"

    /// Whether it was made; `make test` does.
    package static let isPrepared = FileManager.default.fileExists(
        atPath: folder + "/requirements.txt")

    /// What a test that needs it says when it is skipped.
    package static let advice = "run Tests/prepare-python first"

    /// A program of the environment, such as `python`, that is not run yet.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - script: a file of Tests/Integration/python, its first argument; nil for none.
    ///   - arguments: the others.
    package static func command(
        _ program: String, script: String? = nil, _ arguments: [String]
    ) -> Command {
        Command(
            folder + "/bin/\(program)",
            (script.map { [file($0)] } ?? []) + arguments,
            environment: ProcessInfo.processInfo.environment)
    }

    /// Where `deploy/swagger-ui` puts Swagger UI's files.
    package static let swaggerUI = root + ".build/swagger-ui"

    /// The absolute path of a file of Tests/Integration/python.
    package static func file(_ name: String) -> String {
        root + "Tests/Integration/python/\(name)"
    }

    /// The top of the checkout, with a slash at its end.
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path(percentEncoded: false)
}
