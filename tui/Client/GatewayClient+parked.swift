import JSON
import NIOHTTP1
package import SharedKernel

/// A parked message, as the gateway tells it.
package struct ParkedMessageRecord: Hashable, Sendable {
    /// The service and its number there, such as `payments/7`.
    package let id: String
    /// Fit for a terminal.
    package let queue: String
    /// Fit for a terminal.
    package let reason: String
    /// `parked`, `replayed` or `discarded`.
    package let state: String
    package let parkedAt: Timestamp
    package let bytes: Int

    init(json: JSONValue) throws(CallFailure) {
        guard let id = json["id"]?.string, let queue = json["queue"]?.string,
            let reason = json["reason"]?.string, let state = json["state"]?.string,
            let parkedAt = json["parked_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            case .number(let digits)? = json["bytes"], let bytes = Int(digits)
        else { throw .nonsense("no parked message") }
        self.id = id.displayed(upTo: 64)
        self.queue = queue.displayed(upTo: 255)
        self.reason = reason.displayed(upTo: 400)
        self.state = state.displayed(upTo: 32)
        self.parkedAt = parkedAt
        self.bytes = bytes
    }
}

/// What a replay does or would do.
package struct ReplayRecord: Hashable, Sendable {
    /// Whether the message is handled by it.
    package let isHandled: Bool
    /// Fit for a terminal.
    package let words: String

    init(json: JSONValue) throws(CallFailure) {
        guard case .boolean(let isHandled)? = json["handled"], let words = json["words"]?.string
        else { throw .nonsense("no replay") }
        self.isHandled = isHandled
        self.words = words.displayed(upTo: 600)
    }
}

extension GatewayClient {
    /// Parked messages of one service, newest first.
    ///
    /// - Parameters:
    ///   - service: `orders` or `payments`.
    ///   - state: `parked`, `replayed` or `discarded`; nil gives all.
    ///   - before: the number of the last one known.
    /// - Throws: ``CallFailure``.
    package func parkedMessages(
        of service: String, state: String?, before: String? = nil, limit: Int = 100
    ) async throws(CallFailure) -> Told<[ParkedMessageRecord]> {
        let query = Self.query([("state", state), ("before", before), ("limit", "\(limit)")])
        return try await tell(call(.GET, "/parked/\(service)" + query)) {
            json throws(CallFailure) in
            guard let rows = json.array else { throw .nonsense("no list") }
            var records: [ParkedMessageRecord] = []
            for row in rows { records.append(try ParkedMessageRecord(json: row)) }
            return records
        }
    }

    /// All that is known of one.
    ///
    /// - Parameter id: such as `payments/7`.
    /// - Throws: ``CallFailure``; 404 where there is none.
    package func parkedMessage(
        _ id: String
    ) async throws(CallFailure) -> Told<ParkedMessageRecord> {
        try await tell(call(.GET, "/parked/\(id)")) { json throws(CallFailure) in
            try ParkedMessageRecord(json: json)
        }
    }

    /// What a replay would do; nothing is done.
    ///
    /// - Parameter believing: whether the operator vouches for the sender.
    /// - Throws: ``CallFailure``.
    package func rehearseReplay(
        of id: String, believing: Bool
    ) async throws(CallFailure) -> Told<ReplayRecord> {
        try await tell(call(.GET, "/parked/\(id)/rehearsal?believe_sender=\(believing)")) {
            json throws(CallFailure) in try ReplayRecord(json: json)
        }
    }

    /// Has a parked message handled; done once, however often it is asked for.
    ///
    /// - Parameter believing: whether the operator vouches for the sender.
    /// - Throws: ``CallFailure``.
    package func replay(
        _ id: String, believing: Bool
    ) async throws(CallFailure) -> Told<ReplayRecord> {
        try await tell(call(.POST, "/parked/\(id)/replay?believe_sender=\(believing)")) {
            json throws(CallFailure) in try ReplayRecord(json: json)
        }
    }

    /// Decides that a parked message will never be handled.
    ///
    /// - Throws: ``CallFailure``.
    package func discard(_ id: String) async throws(CallFailure) -> Told<ReplayRecord> {
        try await tell(call(.POST, "/parked/\(id)/discard")) { json throws(CallFailure) in
            try ReplayRecord(json: json)
        }
    }
}
