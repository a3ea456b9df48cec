import ArgumentParser
import Glibc
package import Logging
package import ServiceLifecycle
import UnixSignals

/// Runs a daemon's services until SIGTERM or SIGINT, then stops them in reverse order, so that
/// intake closes first.
///
/// - Parameters:
///   - name: the daemon's, such as `kassa-orders`.
///   - readiness: turned unready at the start of the shutdown.
///   - security: what SIGHUP reads anew, and who may come in, which the log says.
///   - reloads: what else SIGHUP reads anew.
///   - services: in the order of starting: what others need comes first, the doors come last.
/// - Throws: `ExitCode` 1 after one log line that says what to do. Returning means a clean stop,
///   exit code 0.
package func runDaemon(
    name: String, logger: Logger, readiness: Readiness? = nil, security: DoorSecurity,
    reloads: [Reload] = [], services: [any Service]
) async throws {
    signal(SIGPIPE, SIG_IGN)
    // Until somebody listens for it, it must not end the daemon.
    signal(SIGHUP, SIG_IGN)
    security.announce(logger)
    raiseDescriptorLimit()
    let reloading = Reloading(security.reloads + reloads, logger: logger)
    let announcer = ShutdownAnnouncer(logger: logger, readiness: readiness)
    var configuration = ServiceGroupConfiguration(
        services: ([reloading] + services + [announcer]).map { service in
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

/// Takes as many descriptors as the system grants: every customer and every connection needs one,
/// and the usual 1,024 are the width of the door alone.
private func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// The lifecycle library tells every step at info; the daemon's own lines are enough.
private func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
}

/// The last service, so the first to hear of the shutdown: it tells everybody, and holds the daemon
/// to its deadline.
private struct ShutdownAnnouncer: Service {
    let logger: Logger
    let readiness: Readiness?
    /// After the nine seconds of grace and a moment for what was cancelled; design section 3
    /// promises ten in all.
    private static let deadline = Duration.milliseconds(9_800)

    func run() async throws {
        ServiceNotifier.process.notify("READY=1")
        try? await gracefulShutdown()
        readiness?.stop()
        ServiceNotifier.process.notify("STOPPING=1")
        logger.notice("stopping")
        let logger = logger
        // Unstructured on purpose: it must outlive the services that do not end.
        Task.detached {
            try? await Task.sleep(for: Self.deadline)
            logger.critical("did not stop in time, exiting; what was in flight is taken up again")
            exit(EXIT_FAILURE)
        }
    }
}
