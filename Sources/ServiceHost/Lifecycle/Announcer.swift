import Glibc
import Logging
import ServiceLifecycle
import SharedKernel
import Synchronization

/// Tells systemd that the daemon is ready, and everybody that it stops; the last service, so the
/// first to hear of the shutdown, to whose deadline it holds the daemon.
struct Announcer: Service {
    private let readiness: Readiness
    private let doors: [any ListeningService]
    private let logger: Logger
    private let ready = StartGate()
    /// After the nine seconds of grace and a moment for what was cancelled; design section 3
    /// promises ten in all.
    private static let deadline = Duration.milliseconds(9_800)

    init(readiness: Readiness, doors: [any ListeningService], logger: Logger) {
        self.readiness = readiness
        self.doors = doors
        self.logger = logger
    }

    /// Whether READY has been said.
    var hasStarted: @Sendable () -> Bool { { [ready] in ready.isOpen } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for door in doors { await door.opened.opened() }
            await readiness.reached.opened()
            guard !Task.isCancelled else { return }
            ServiceNotifier.process.notify(.ready)
            ServiceNotifier.process.notify(.status("serving"))
            ready.open()
            logger.notice("ready", metadata: ["instance": "\(InstanceName.current)"])
        }
        try? await gracefulShutdown()
        readiness.stop()
        ServiceNotifier.process.notify(.stopping)
        logger.notice("stopping")
        // Unstructured on purpose: it must outlive the services that do not end.
        Task.detached { [logger] in
            try? await Task.sleep(for: Self.deadline)
            logger.critical("did not stop in time, exiting; what was in flight is taken up again")
            exit(EXIT_FAILURE)
        }
    }
}
