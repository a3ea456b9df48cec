import Logging

/// Forgets what a table no longer needs to know, now and then and a little at a time.
package struct Pruner: Sendable {
    private let table: String
    private let logger: Logger
    private let prune: @Sendable () async throws -> Int

    /// The pause after a round that left nothing to do.
    private static let interval: Duration = .seconds(3_600)
    /// The pause between two steps of a round: others use the disk too.
    private static let breath: Duration = .seconds(1)

    /// - Parameters:
    ///   - table: its name, for the log.
    ///   - logger: told of what goes wrong.
    ///   - prune: forgets a bounded number of rows, and says how many.
    init(
        _ table: String, logger: Logger, prune: @escaping @Sendable () async throws -> Int
    ) {
        self.table = table
        self.logger = logger
        self.prune = prune
    }

    /// Prunes until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            var pause = Self.interval
            do {
                if try await prune() > 0 { pause = Self.breath }
            } catch {
                logger.warning(
                    "table not pruned", metadata: ["table": "\(table)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
    }
}
