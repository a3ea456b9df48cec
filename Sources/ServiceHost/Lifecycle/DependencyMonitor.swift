import ServiceLifecycle

/// Looks at each dependency again and again, and tells readiness how it stands.
package struct DependencyMonitor: Service {
    /// A look at one dependency.
    package struct Probe: Sendable {
        let name: String
        let gate: StartGate?
        let attempt: @Sendable () async throws -> Void

        /// - Parameters:
        ///   - name: the dependency's in readiness.
        ///   - gate: while it is closed somebody else reports; nil begins at once.
        ///   - attempt: throws why the dependency is of no use; has a deadline of its own.
        package init(
            _ name: String, after gate: StartGate? = nil,
            attempt: @escaping @Sendable () async throws -> Void
        ) {
            self.name = name
            self.gate = gate
            self.attempt = attempt
        }
    }

    private let readiness: Readiness
    private let interval: Duration
    private let probes: [Probe]
    private let progress: Progress.Loop?

    /// - Parameters:
    ///   - readiness: told what the probes find.
    ///   - interval: the pause between two rounds.
    ///   - probes: made one after the other.
    ///   - progress: told of each round.
    package init(
        readiness: Readiness, every interval: Duration = .milliseconds(500), probes: [Probe],
        progress: Progress.Loop? = nil
    ) {
        self.readiness = readiness
        self.interval = interval
        self.probes = probes
        self.progress = progress
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                progress?.beat()
                for probe in probes where probe.gate?.isOpen ?? true { await look(probe) }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func look(_ probe: Probe) async {
        do {
            try await probe.attempt()
            readiness.set(probe.name, .ok)
        } catch is CancellationError {
        } catch {
            readiness.set(probe.name, .down("\(error)"))
        }
    }
}
