import ArgumentParser
import Glibc
package import Logging
package import ServiceLifecycle
import UnixSignals

/// Runs a daemon's services until SIGTERM or SIGINT, then stops them in reverse order, so that
/// intake closes first.
///
/// systemd is told READY once readiness was reached and every door listens, and is sent signs of
/// life while every loop in `progress` goes on.
///
/// - Parameters:
///   - name: the daemon's, such as `kassa-orders`.
///   - readiness: turned unready at the start of the shutdown.
///   - progress: the daemon's loops.
///   - security: what SIGHUP reads anew, and who may come in, which the log says.
///   - reloads: what else SIGHUP reads anew.
///   - services: in the order of starting: what others need comes first.
///   - doors: start last and close first.
///   - last: hear of the shutdown before the doors.
/// - Throws: `ExitCode` 1 after one log line that says what to do. Returning means a clean stop,
///   exit code 0.
package func runDaemon(
    name: String, logger: Logger, readiness: Readiness, progress: Progress = Progress(),
    security: DoorSecurity, reloads: [Reload] = [], services: [any Service],
    doors: [any ListeningService], last: [any Service] = []
) async throws {
    signal(SIGPIPE, SIG_IGN)
    // Until somebody listens for it, it must not end the daemon.
    signal(SIGHUP, SIG_IGN)
    security.announce(logger)
    let announcer = Announcer(readiness: readiness, doors: doors, logger: logger)
    let reloading = Reloading(
        security.reloads + reloads, logger: logger, hasStarted: announcer.hasStarted)
    let watch = try Heartbeat.services(progress, logger: logger, hasStarted: announcer.hasStarted)
    let services = watch + [reloading] + services + doors + last + [announcer]
    var configuration = ServiceGroupConfiguration(
        services: services.map { service in
            // A service that ends by itself has nothing more to do; only failures stop the daemon.
            .init(
                service: service, successTerminationBehavior: .ignore,
                failureTerminationBehavior: .gracefullyShutdownGroup,
                serviceName: "\(type(of: service))")
        },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
    configuration.maximumGracefulShutdownDuration = .seconds(9)
    do {
        try await ServiceGroup(configuration: configuration).run()
        logger.notice("stopped")
    } catch is CancellationError {
        logger.notice("stopped")
    } catch {
        logger.critical("\(name) failed: \(error)")
        throw ExitCode.failure
    }
}

/// The lifecycle library tells every step at info; the daemon's own lines are enough.
private func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
}
