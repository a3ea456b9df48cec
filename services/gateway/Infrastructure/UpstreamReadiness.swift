import HTTPTypes
import JSON
import NIOCore
package import ServiceHost

/// Asks the services whether they are ready: both at once, within a second, and not more often than
/// once a second.
package actor UpstreamReadiness: ReadinessSource {
    private let client: UpstreamClient
    private let upstreams: [Upstream]
    private let own: Readiness
    private let freshness: Duration
    private var latest:
        (task: Task<[ReadinessReport.Dependency], Never>, started: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - own: the gateway's own part, which says when it is shutting down.
    ///   - freshness: how old an answer may be.
    package init(
        _ upstreams: [Upstream], client: UpstreamClient, own: Readiness,
        freshness: Duration = .seconds(1)
    ) {
        self.upstreams = upstreams
        self.client = client
        self.own = own
        self.freshness = freshness
    }

    /// The gateway is ready when every service is.
    package func report() async -> ReadinessReport {
        let dependencies = await current().value
        let own = own.report()
        return ReadinessReport(
            isReady: own.isReady && dependencies.allSatisfy { $0.state == .ok },
            dependencies: dependencies + own.dependencies)
    }

    /// One round of asking, shared by everybody who asks meanwhile.
    private func current() -> Task<[ReadinessReport.Dependency], Never> {
        if let latest, ContinuousClock.now - latest.started < freshness { return latest.task }
        let task = Task { [client, upstreams] in
            await withTaskGroup(of: (Int, DependencyState).self) { group in
                for (index, upstream) in upstreams.enumerated() {
                    group.addTask { (index, await Self.state(of: upstream, client)) }
                }
                var states = Array(
                    repeating: DependencyState.down("not asked"), count: upstreams.count)
                for await (index, state) in group { states[index] = state }
                return zip(upstreams, states).map { upstream, state in
                    ReadinessReport.Dependency(name: upstream.name.lowercased(), state: state)
                }
            }
        }
        latest = (task, .now)
        return task
    }

    private static func state(
        of upstream: Upstream, _ client: UpstreamClient
    ) async -> DependencyState {
        let request = UpstreamRequest(method: .get, target: "/ready")
        do {
            let response = try await client.send(request, to: upstream, within: .seconds(1))
            guard response.status != .ok else { return .ok }
            return .waiting(reason(response))
        } catch {
            return .down("\(error)")
        }
    }

    /// What the service itself waits for, in one line.
    private static func reason(_ response: UpstreamResponse) -> String {
        guard case .whole(let bytes) = response.body,
            let report = try? JSONValue(parsing: Array(bytes.readableBytesView)),
            case .object(let dependencies)? = report["dependencies"]
        else { return "answered \(response.status.code)" }
        let missing = dependencies.compactMap { dependency -> String? in
            guard let state = dependency.value["state"]?.string, state != "ok" else { return nil }
            return [dependency.name, state, dependency.value["detail"]?.string]
                .compactMap(\.self).joined(separator: " ")
        }
        return missing.isEmpty ? "not ready" : missing.joined(separator: "; ")
    }
}
