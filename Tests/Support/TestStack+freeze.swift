import Foundation
import Glibc
import LocalStack

extension TestStack {
    /// SIGSTOP to every process of PostgreSQL: it keeps its connections and says nothing. Undo it
    /// with ``thawPostgres()`` before ``stop()``.
    package func freezePostgres() throws { try signalPostgres(SIGSTOP) }

    /// SIGCONT to every process of PostgreSQL.
    package func thawPostgres() throws { try signalPostgres(SIGCONT) }

    /// SIGSTOP to the broker, which keeps its connections and says nothing. Undo it with
    /// ``thawBroker()`` before ``stop()``.
    package func freezeBroker() throws { try signalBroker(SIGSTOP) }

    /// SIGCONT to the broker.
    package func thawBroker() throws { try signalBroker(SIGCONT) }

    private func signalBroker(_ signal: Int32) throws {
        let record = state?.processes.first { $0.name == "rabbitmq" }
        guard let process = record?.process, process.isRunning else {
            throw StackError("RabbitMQ does not run")
        }
        kill(process.pid, signal)
    }

    private func signalPostgres(_ signal: Int32) throws {
        let text = try String(contentsOfFile: postmasterFile, encoding: .utf8)
        guard let postmaster = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw StackError("PostgreSQL has no process id")
        }
        // The parent first, so that it starts no child that would be missed.
        kill(postmaster, signal)
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = Int32(name), Self.parent(of: pid) == postmaster else { continue }
            kill(pid, signal)
        }
    }

    /// The fourth field of the kernel's line, counted behind the name in parentheses.
    private static func parent(of pid: Int32) -> Int32? {
        let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = stat?.split(separator: ")").last?.split(separator: " ")
        return fields.flatMap { $0.count > 1 ? Int32($0[1]) : nil }
    }
}
