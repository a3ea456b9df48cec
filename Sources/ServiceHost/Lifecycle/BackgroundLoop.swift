import ServiceLifecycle

/// A loop as a service: begins once the gate is open, and is cancelled when the shutdown reaches
/// it.
package struct BackgroundLoop: Service {
    private let gate: StartGate?
    private let loop: @Sendable () async -> Void

    /// - Parameters:
    ///   - gate: what to wait for; nil begins at once.
    ///   - loop: runs until its task is cancelled, and may finish what it has in hand.
    package init(after gate: StartGate? = nil, _ loop: @escaping @Sendable () async -> Void) {
        self.gate = gate
        self.loop = loop
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await gate?.opened()
            guard !Task.isCancelled else { return }
            await loop()
        }
    }
}

/// Closes something when the shutdown reaches its place in the order of services.
package struct ClosedAtShutdown: Service {
    private let close: @Sendable () async -> Void

    /// - Parameter close: must have a deadline of its own.
    package init(_ close: @escaping @Sendable () async -> Void) { self.close = close }

    package func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}
