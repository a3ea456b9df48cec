package import Messaging
import SharedKernel
import Synchronization

/// Parked messages and what was done about them in an array, numbered from 1.
package final class InMemoryParkedMessages: Parking, ParkedMessages, Sendable {
    private struct Kept {
        let message: ParkedMessage
        let parkedAt: Timestamp
        var state = ParkedRow.State.parked
        var actions: [ParkedAction] = []
    }

    private let kept = Mutex<[Kept]>([])
    /// Calls of any verb that are to fail.
    package let faults = FaultScript()

    /// An empty one.
    package init() {}

    package func park(_ messages: [ParkedMessage]) async throws {
        try faults.check()
        kept.withLock { kept in
            for message in messages where !kept.contains(where: { Self.repeats(message, $0) }) {
                kept.append(Kept(message: message, parkedAt: .now))
            }
        }
    }

    /// Only what is still parked stands for its message; one without an id is known by its bytes,
    /// its headers, its type and its sender.
    private static func repeats(_ message: ParkedMessage, _ kept: Kept) -> Bool {
        let (new, known) = (message.delivery, kept.message.delivery)
        guard kept.state == .parked, new.queue == known.queue, new.messageID == known.messageID,
            new.body == known.body
        else { return false }
        return new.messageID != nil
            || new.headers == known.headers && new.type == known.type && new.sender == known.sender
    }

    package func list(
        state: ParkedRow.State?, before: Int64?, limit: Int
    ) async throws -> [ParkedRow] {
        try faults.check()
        let rows = kept.withLock { kept in
            kept.indices.map { Self.row(Int64($0) + 1, kept[$0]) }
        }
        return Array(
            rows.reversed().filter { row in
                state.map { $0 == row.state } ?? true && before.map { row.id < $0 } ?? true
            }.prefix(limit))
    }

    package func find(_ id: Int64) async throws -> ParkedRecord? {
        try faults.check()
        return kept.withLock { kept in
            guard let index = Self.index(id, kept) else { return nil }
            return ParkedRecord(
                row: Self.row(id, kept[index]), delivery: kept[index].message.delivery,
                actions: kept[index].actions)
        }
    }

    /// The action's id is its message's and its place there.
    package func begin(
        _ kind: ParkedAction.Kind, on id: Int64, by caller: String
    ) async throws -> Int64 {
        try faults.check()
        return kept.withLock { kept in
            guard let index = Self.index(id, kept) else { return 0 }
            kept[index].actions.append(
                ParkedAction(kind: kind, caller: caller, begunAt: .now, result: nil))
            return Int64(kept[index].actions.count)
        }
    }

    package func end(
        _ action: Int64, on id: Int64, result: String, state: ParkedRow.State?
    ) async throws {
        try faults.check()
        kept.withLock { kept in
            guard let index = Self.index(id, kept), action > 0 else { return }
            let begun = kept[index].actions[Int(action) - 1]
            kept[index].actions[Int(action) - 1] = ParkedAction(
                kind: begun.kind, caller: begun.caller, begunAt: begun.begunAt, result: result)
            if let state, kept[index].state == .parked { kept[index].state = state }
        }
    }

    private static func index(_ id: Int64, _ kept: [Kept]) -> Int? {
        let index = Int(id) - 1
        return kept.indices.contains(index) ? index : nil
    }

    private static func row(_ id: Int64, _ kept: Kept) -> ParkedRow {
        let delivery = kept.message.delivery
        return ParkedRow(
            id: id, queue: delivery.queue, messageID: delivery.messageID, type: delivery.type,
            sender: delivery.sender, reason: kept.message.reason, parkedAt: kept.parkedAt,
            length: delivery.excess?.length ?? delivery.body.count,
            isCut: delivery.excess != nil, state: kept.state)
    }
}
