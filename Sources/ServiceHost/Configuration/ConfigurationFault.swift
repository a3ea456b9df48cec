package import ArgumentParser
import Glibc
import NIOCore

/// A configuration that a daemon will not start with, and what to do about it: one line for the
/// operator, and exit status 78 (`EX_CONFIG`), by which a service manager knows that starting again
/// is no use.
package struct ConfigurationFault: Error, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String
    /// BSD's `EX_CONFIG`.
    package static let exitCode: Int32 = 78

    /// - Parameter description: what is wrong and what to do, such as which flag to give.
    package init(_ description: String) { self.description = description }
}

extension AsyncParsableCommand {
    /// Parses the command line, runs the command, and ends the process by its exit status.
    package static func runDaemonCommand() async -> Never {
        shareMachine()
        do {
            let command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            exit()
        } catch let fault as ConfigurationFault {
            let line = Array("Error: \(fault)\n".utf8)
            _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            Glibc.exit(ConfigurationFault.exitCode)
        } catch {
            exit(withError: error)
        }
    }

    /// Half of the cores for a daemon's doors: the others, the database and the broker are often
    /// on the same machine, and what one loop does for two connections needs no hand-over.
    private static func shareMachine() {
        NIOSingletons.groupLoopCountSuggestion = max(1, System.coreCount / 2)
    }
}
