import Foundation
import Glibc
import LocalStack

/// Mounts that end with this process, however it ends.
enum OwnMounts {
    private static let mark = "KASSA_FIRE_MOUNTS"

    /// Becomes the same program in a mount namespace of its own, where root calls; else does
    /// nothing.
    ///
    /// - Throws: `StackError` where `unshare` is not there.
    static func enter() throws {
        guard geteuid() == 0, getenv(mark) == nil else { return }
        setenv(mark, "own", 1)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let words =
            ["unshare", "--mount", "--propagation", "private", program]
            + CommandLine.arguments.dropFirst()
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        execv("/usr/bin/unshare", arguments)
        throw StackError("unshare could not be run: errno \(errno)")
    }
}
