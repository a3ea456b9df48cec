package import Logging
package import Postgres

/// Forgets what the inbox no longer needs to know, now and then and a little at a time.
package struct InboxPruner: Sendable {
    private let pool: PostgresPool
    private let logger: Logger

    /// The pause after a round that left nothing to do.
    private static let interval: Duration = .seconds(3_600)
    /// The pause between two steps of a round: others use the disk too.
    private static let breath: Duration = .seconds(1)

    /// - Parameters:
    ///   - pool: connections to the database with the inbox.
    ///   - logger: for what goes wrong.
    package init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    /// Prunes until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            var pause = Self.interval
            do {
                let count = try await PostgresInbox.prune(
                    pool, olderThan: PostgresInbox.retention)
                if count > 0 { pause = Self.breath }
            } catch {
                logger.warning("Inbox not pruned", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
    }
}
