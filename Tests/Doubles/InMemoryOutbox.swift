package import Messaging
import SharedKernel
import Synchronization

/// The outbox as a dictionary, with the claims of the real one.
package final class InMemoryOutbox: Outbox, Sendable {
    private struct Row {
        var message: OutboxMessage
        let addedAt: Duration
        var dueAt: Duration
        var isClaimed = false
    }

    private let rows = Mutex<[MessageID: Row]>([:])
    private let now: @Sendable () -> Duration
    /// Calls of ``append(_:)`` that are to fail.
    package let appendFaults = FaultScript()

    /// - Parameter clock: by which rows become due; real time where it is nil.
    package convenience init(clock: ManualClock? = nil) {
        let begun = ContinuousClock.now
        self.init(now: { clock?.elapsed ?? ContinuousClock.now - begun })
    }

    /// - Parameter now: the time by which rows become due.
    package init(now: @escaping @Sendable () -> Duration) { self.now = now }

    /// How many messages wait.
    package var count: Int { rows.withLock(\.count) }

    /// What waits, in the order of publishing.
    package var messages: [OutboxMessage] {
        rows.withLock { rows in rows.values.map(\.message) }.sorted { $0.id < $1.id }
    }

    /// Leaves messages in the outbox; one that still waits there is not doubled.
    package func append(_ messages: [OutboxMessage]) throws {
        try appendFaults.check()
        let addedAt = now()
        rows.withLock { rows in
            for message in messages where rows[message.id] == nil {
                rows[message.id] = Row(message: message, addedAt: addedAt, dueAt: addedAt)
            }
        }
    }

    package func relay(
        upTo limit: Int, _ publish: ([OutboxMessage]) async throws -> [OutboxDisposition]
    ) async throws -> Int {
        let claimed = claim(limit)
        guard !claimed.isEmpty else { return 0 }
        do {
            settle(claimed, try await publish(claimed))
        } catch {
            settle(claimed, [])
            throw error
        }
        return claimed.count
    }

    /// Claims the oldest rows that are due and free, at most so many.
    package func claim(_ limit: Int) -> [OutboxMessage] {
        let now = now()
        return rows.withLock { rows in
            let due = rows.values.filter { !$0.isClaimed && $0.dueAt <= now }.map(\.message)
            let claimed = due.sorted { $0.id < $1.id }.prefix(limit)
            for message in claimed { rows[message.id]?.isClaimed = true }
            return Array(claimed)
        }
    }

    /// Ends a claim: each row as its disposition says, those without one as they were.
    package func settle(_ claimed: [OutboxMessage], _ dispositions: [OutboxDisposition]) {
        let now = now()
        rows.withLock { rows in
            for message in claimed { rows[message.id]?.isClaimed = false }
            for (message, disposition) in zip(claimed, dispositions) {
                switch disposition {
                case .delete: rows[message.id] = nil
                case .postpone(let delay):
                    rows[message.id]?.dueAt = now + delay
                    rows[message.id]?.message = message.turnedDownOnceMore
                }
            }
        }
    }

    package func backlog() async throws -> OutboxBacklog {
        let now = now()
        return rows.withLock { rows in
            let oldest = rows.values.map { now - $0.addedAt }.max()
            return OutboxBacklog(count: rows.count, oldestAge: oldest ?? .zero)
        }
    }
}

extension OutboxMessage {
    fileprivate var turnedDownOnceMore: OutboxMessage {
        OutboxMessage(
            id: id, type: type, payload: payload, headers: headers, createdAt: createdAt,
            attempts: attempts + 1)
    }
}
