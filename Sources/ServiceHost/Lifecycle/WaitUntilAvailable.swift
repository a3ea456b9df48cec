package import Logging
import ServiceLifecycle

/// Waits for something that a daemon needs, with jittered and capped back-off; the log and
/// readiness say what it waits for and why.
///
/// - Parameters:
///   - name: the dependency's name in readiness.
///   - retryDelay: the first and the longest pause between attempts; the pause doubles and is drawn
///     at random.
///   - attempt: throws while the thing is not there, and must have a deadline of its own.
/// - Throws: `CancellationError` once the task is cancelled or the daemon shuts down, and at once a
///   ``StartFailure`` of the attempt, which waiting cannot mend.
package func waitUntilAvailable(
    _ name: String, readiness: Readiness, logger: Logger,
    retryDelay: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5),
    attempt: @escaping @Sendable () async throws -> Void
) async throws {
    try await cancelWhenGracefulShutdown {
        let started = ContinuousClock.now
        var ceiling = retryDelay.lowerBound
        var announced: ContinuousClock.Instant?
        while true {
            try Task.checkCancellation()
            do {
                try await attempt()
                readiness.set(name, .ok)
                if announced != nil {
                    logger.notice(
                        "\(name) is available",
                        metadata: ["waited": "\(ContinuousClock.now - started)"])
                }
                return
            } catch let failure as StartFailure {
                throw failure
            } catch {
                try Task.checkCancellation()
                readiness.set(name, .waiting("\(error)"))
                // Once at first, then every ten seconds: a long outage does not fill the disk.
                if announced.map({ ContinuousClock.now - $0 >= .seconds(10) }) ?? true {
                    announced = .now
                    logger.warning("waiting for \(name)", metadata: ["reason": "\(error)"])
                }
            }
            try await Task.sleep(for: ceiling * Double.random(in: 0.5...1))
            ceiling = min(ceiling * 2, retryDelay.upperBound)
        }
    }
}
