package import JSON
import Synchronization

/// How it stands with something that a daemon needs.
package enum DependencyState: Equatable, Sendable {
    /// There, and answering.
    case ok
    /// Not there yet, and why.
    case waiting(String)
    /// Gone, and why.
    case down(String)

    var name: String {
        switch self {
        case .ok: "ok"
        case .waiting: "waiting"
        case .down: "down"
        }
    }

    var detail: String? {
        switch self {
        case .ok: nil
        case .waiting(let reason), .down(let reason): reason
        }
    }
}

/// What `/ready` says.
package struct ReadinessReport: Equatable, Sendable {
    /// A dependency and its state.
    package struct Dependency: Equatable, Sendable {
        /// Such as `database`.
        package let name: String
        /// How it stands.
        package let state: DependencyState

        /// - Parameters: as the properties.
        package init(name: String, state: DependencyState) {
            self.name = name
            self.state = state
        }
    }

    /// Whether the daemon can do its work.
    package let isReady: Bool
    /// In the order in which they were named.
    package let dependencies: [Dependency]

    /// - Parameters: as the properties.
    package init(isReady: Bool, dependencies: [Dependency]) {
        self.isReady = isReady
        self.dependencies = dependencies
    }

    /// `{"status":"ready"|"not_ready","dependencies":{name:{"state":…,"detail":…}}}`.
    package var json: JSONValue {
        let members = dependencies.map { dependency in
            var state: [JSONValue.Member] = [.init("state", .string(dependency.state.name))]
            if let detail = dependency.state.detail {
                state.append(.init("detail", .string(detail)))
            }
            return JSONValue.Member(dependency.name, .object(state))
        }
        return [
            "status": .string(isReady ? "ready" : "not_ready"), "dependencies": .object(members),
        ]
    }
}

/// Who knows whether a daemon is ready.
package protocol ReadinessSource: Sendable {
    /// The state of now, within a short deadline.
    func report() async -> ReadinessReport
}

/// Whether a daemon has what it needs; each part of it says so as things change.
package final class Readiness: ReadinessSource {
    private struct State {
        var dependencies: [ReadinessReport.Dependency]
        var isStopping = false
    }

    private let state: Mutex<State>
    /// Open from the first moment at which everything needed was there.
    let reached = StartGate()

    /// - Parameter dependencies: the names of what is needed; each waits until it is said to be
    ///   there.
    package init(dependencies: [String] = []) {
        if dependencies.isEmpty { reached.open() }
        state = Mutex(
            State(
                dependencies: dependencies.map {
                    .init(name: $0, state: .waiting("not tried yet"))
                }))
    }

    /// Says how it stands with a dependency; a new name is one more that is needed.
    package func set(_ dependency: String, _ state: DependencyState) {
        let entry = ReadinessReport.Dependency(name: dependency, state: state)
        let status = self.state.withLock { state -> (line: String, isReady: Bool)? in
            if let known = state.dependencies.firstIndex(where: { $0.name == dependency }) {
                guard state.dependencies[known] != entry else { return nil }
                state.dependencies[known] = entry
            } else {
                state.dependencies.append(entry)
            }
            return (Self.status(state), Self.isReady(state))
        }
        guard let status else { return }
        ServiceNotifier.process.notify(.status(status.line))
        if status.isReady { reached.open() }
    }

    /// Whether everything needed is there and the daemon is not stopping.
    package var isReady: Bool { state.withLock { Self.isReady($0) } }

    /// Makes the daemon unready for good: it is shutting down.
    package func stop() { state.withLock { $0.isStopping = true } }

    /// What `/ready` says now.
    package func report() -> ReadinessReport {
        state.withLock { state in
            var dependencies = state.dependencies
            if state.isStopping {
                dependencies.append(.init(name: "daemon", state: .down("shutting down")))
            }
            return ReadinessReport(isReady: Self.isReady(state), dependencies: dependencies)
        }
    }

    private static func isReady(_ state: State) -> Bool {
        !state.isStopping && state.dependencies.allSatisfy { $0.state == .ok }
    }

    private static func status(_ state: State) -> String {
        let missing = state.dependencies.filter { $0.state != .ok }.map { dependency in
            "\(dependency.name) \(dependency.state.name): \(dependency.state.detail ?? "")"
        }
        return missing.isEmpty ? "serving" : missing.joined(separator: "; ")
    }
}
