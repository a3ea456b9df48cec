import Foundation
import LocalStack

/// Where the build put the project's programs: beside the test bundle.
package enum BuiltProgram {
    /// The absolute path of `name`; the variable KASSA_PROGRAMS may name another folder to look in.
    ///
    /// - Parameter folder: another place to look in, for programs of another version.
    /// - Throws: `StackError` when it is not built.
    package static func path(_ name: String, in folder: String? = nil) throws -> String {
        if let folder = folder ?? ProcessInfo.processInfo.environment["KASSA_PROGRAMS"] {
            return "\(folder)/\(name)"
        }
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: bundle).deletingLastPathComponent().appending(path: name)
            .path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw StackError("\(path) is not built: run 'swift build' first")
        }
        return path
    }
}
