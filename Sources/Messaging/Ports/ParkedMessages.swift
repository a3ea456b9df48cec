package import SharedKernel

/// A parked message without its body.
package struct ParkedRow: Sendable, Equatable {
    /// What became of it.
    package enum State: String, Sendable, CaseIterable {
        /// It waits for somebody to decide.
        case parked
        /// It was handled after all.
        case replayed
        /// Somebody decided that it never will be. It is still here.
        case discarded
    }

    package let id: Int64
    package let queue: String
    package let messageID: MessageID?
    package let type: String?
    /// The broker's user who published it.
    package let sender: String?
    package let reason: String
    package let parkedAt: Timestamp
    /// Bytes of the body as it came.
    package let length: Int
    /// Whether only the beginning of the body is kept, which cannot be replayed.
    package let isCut: Bool
    package let state: State

    /// - Parameters: as the properties.
    package init(
        id: Int64, queue: String, messageID: MessageID?, type: String?, sender: String?,
        reason: String, parkedAt: Timestamp, length: Int, isCut: Bool, state: State
    ) {
        self.id = id
        self.queue = queue
        self.messageID = messageID
        self.type = type
        self.sender = sender
        self.reason = reason
        self.parkedAt = parkedAt
        self.length = length
        self.isCut = isCut
        self.state = state
    }
}

/// What somebody did about a parked message: kept for good, begun before it is done.
package struct ParkedAction: Sendable, Equatable {
    /// What was to be done.
    package enum Kind: String, Sendable {
        case replay, discard
    }

    package let kind: Kind
    package let caller: String
    package let begunAt: Timestamp
    /// What came of it; nil where it is under way, or its daemon died in it.
    package let result: String?

    /// - Parameters: as the properties.
    package init(kind: Kind, caller: String, begunAt: Timestamp, result: String?) {
        self.kind = kind
        self.caller = caller
        self.begunAt = begunAt
        self.result = result
    }
}

/// A parked message with all that is known of it.
package struct ParkedRecord: Sendable, Equatable {
    package let row: ParkedRow
    /// As it came from the queue.
    package let delivery: Delivery
    /// Oldest first.
    package let actions: [ParkedAction]

    /// - Parameters: as the properties.
    package init(row: ParkedRow, delivery: Delivery, actions: [ParkedAction]) {
        self.row = row
        self.delivery = delivery
        self.actions = actions
    }
}

/// The parked messages, for whoever decides what becomes of them. No row is ever deleted.
package protocol ParkedMessages: Sendable {
    /// Parked messages, newest first.
    ///
    /// - Parameters:
    ///   - state: only those; nil gives all.
    ///   - before: only those with lesser ids.
    ///   - limit: 1 to 1,000.
    func list(state: ParkedRow.State?, before: Int64?, limit: Int) async throws -> [ParkedRow]

    /// One of them; nil where there is none.
    func find(_ id: Int64) async throws -> ParkedRecord?

    /// Notes that somebody is about to do something, and commits that first.
    ///
    /// - Returns: the action's id.
    func begin(_ kind: ParkedAction.Kind, on id: Int64, by caller: String) async throws -> Int64

    /// Notes what came of it, and what the message is from now on, unless that was decided before.
    ///
    /// - Parameter state: nil leaves it parked.
    func end(
        _ action: Int64, on id: Int64, result: String, state: ParkedRow.State?
    ) async throws
}
