import Foundation
import LocalStack

/// What a person reads about a stack.
enum Report {
    struct Row: Encodable, Equatable {
        let process: String
        let pid: Int32?
        let address: String
        let health: String
        let restarts: Int
    }

    /// A row for the supervisor and each process; empty when no stack was ever up, or it went down
    /// in order.
    static func rows(_ state: StackState?) async -> [Row] {
        guard let state else { return [] }
        guard
            state.isSupervised || state.processes.contains(where: { $0.process?.isRunning == true })
        else { return [] }
        var rows = [
            Row(
                process: "supervisor", pid: state.isSupervised ? state.supervisor.pid : nil,
                address: "-", health: state.isSupervised ? supervision(state.phase) : "gone",
                restarts: 0)
        ]
        for record in state.processes {
            rows.append(
                Row(
                    process: record.name,
                    pid: record.process?.isRunning == true ? record.process?.pid : nil,
                    address: record.address,
                    health: await health(of: record, authority: state.addresses.authority),
                    restarts: record.restarts))
        }
        return rows
    }

    private static func supervision(_ phase: StackState.Phase) -> String {
        phase == .ready ? "healthy" : phase.rawValue
    }

    private static func health(of record: ProcessRecord, authority: String?) async -> String {
        guard record.process?.isRunning == true else {
            return "down: \(record.lastEnd ?? "not started")"
        }
        let found: Health
        switch record.name {
        case "rabbitmq": found = await HealthProbe.amqp(port: record.port)
        case "postgres", "epmd":
            found = FreePort.isFree(record.port) ? .unhealthy("does not listen") : .healthy
        default: found = await HealthProbe.daemon(port: record.port, authority: authority)
        }
        switch found {
        case .healthy: return "healthy"
        case .unhealthy(let reason): return reason
        }
    }

    static func table(_ rows: [Row]) -> String {
        let cells =
            [["PROCESS", "PID", "ADDRESS", "RESTARTS", "HEALTH"]]
            + rows.map { row in
                [
                    row.process, row.pid.map(String.init) ?? "-", row.address, "\(row.restarts)",
                    row.health,
                ]
            }
        let widths = (0..<5).map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { line in
            zip(line, widths).map { cell, width in
                cell.padding(toLength: max(width, cell.count), withPad: " ", startingAt: 0)
            }
            .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
        .joined(separator: "\n")
    }

    /// The end of `up`: where everything is, passwords hidden.
    static func addresses(_ state: StackState) {
        for (name, value) in state.addresses.exports { say("  \(name)=\(value.withoutPassword)") }
        say(#"Kassa is up. Addresses with passwords for a shell: eval "$(kassa-stack env)""#)
    }
}

extension ProcessRecord {
    /// The port at the end of the address.
    var port: Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }
}
