import ArgumentParser
import Glibc
import KassaClient

/// Runs the command that was asked for, and says in one line what went wrong.
@MainActor enum Program {
    static func main() async -> Never {
        do {
            var command = try Kassa.parseAsRoot()
            switch command {
            case let dashboard as Dashboard: try await dashboard.show()
            case var waiting as any AsyncParsableCommand: try await waiting.run()
            default: try command.run()
            }
            exit(ExitReason.success.rawValue)
        } catch let failure as CallFailure {
            fail(failure.advice, ExitReason(failure))
        } catch let complaint as Complaint {
            fail(complaint.message, complaint.reason)
        } catch let reason as ExitReason {
            exit(reason.rawValue)
        } catch {
            guard Kassa.exitCode(for: error) == .validationFailure else {
                Kassa.exit(withError: error)
            }
            complain("\(Kassa.message(for: error)); try 'kassa --help'")
            exit(ExitCode.validationFailure.rawValue)
        }
    }

    private static func fail(_ message: String, _ reason: ExitReason) -> Never {
        complain(message)
        exit(reason.rawValue)
    }
}
