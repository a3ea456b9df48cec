import Messaging
import TestDoubles

/// The outbox as one process sees it: its claim lives as long as its session.
struct SimulatedOutbox: Outbox {
    let database: SimulatedDatabase
    let process: SimulatedProcess

    func relay(
        upTo limit: Int, _ publish: ([OutboxMessage]) async throws -> [OutboxDisposition]
    ) async throws -> Int {
        let session = Session()
        do {
            let claim = try await database.call { [database, process] in
                let claim = database.claim(limit, for: process)
                session.claim = claim
                return claim
            }
            guard !claim.messages.isEmpty else { return 0 }
            let dispositions = try await publish(claim.messages)
            try await database.call { [database] in try database.settle(claim, dispositions) }
            return claim.messages.count
        } catch {
            // A connection that fails in a transaction is closed, and the server rolls back.
            if let claim = session.claim {
                database.world.after(database.adversity.latency(database.world)) {
                    [database] in database.end(claim)
                }
            }
            throw error
        }
    }

    func backlog() async throws -> OutboxBacklog {
        try await database.call(repeating: true) { [database] in
            try await database.outbox.backlog()
        }
    }

    /// What the server holds for this connection, whether its answer arrived or not.
    ///
    /// Unchecked for the reason that ``World`` has.
    private final class Session: @unchecked Sendable {
        var claim: OutboxClaim?
    }
}
