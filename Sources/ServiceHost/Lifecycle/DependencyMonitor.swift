import ServiceLifecycle

/// Looks at each dependency again and again, and tells readiness how it stands.
package struct DependencyMonitor: Service {
    /// How a dependency stands now. Has a deadline of its own; nil leaves what was said before.
    package typealias Probe = @Sendable () async -> DependencyState?

    private let readiness: Readiness
    private let interval: Duration
    private let probes: [(name: String, probe: Probe)]

    /// - Parameters:
    ///   - readiness: told what the probes find.
    ///   - interval: the pause between two rounds.
    ///   - probes: by the dependency's name.
    package init(
        readiness: Readiness, every interval: Duration = .milliseconds(500),
        probes: [(name: String, probe: Probe)]
    ) {
        self.readiness = readiness
        self.interval = interval
        self.probes = probes
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                for (name, probe) in probes {
                    if let state = await probe() { readiness.set(name, state) }
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}
