/// How an order stands.
package enum OrderStatus: String, Hashable, Sendable, CaseIterable {
    case pending = "PENDING"
    case paid = "PAID"
    case failed = "FAILED"
    /// A word this screen does not know.
    case unknown = "UNKNOWN"

    /// Whether nothing more is expected to happen.
    package var isSettled: Bool { self == .paid || self == .failed }
}

/// An order as the screen knows it.
package struct OrderRow: Hashable, Sendable {
    /// The order's id.
    package let id: String
    /// Whose account pays.
    package let user: String
    /// What it costs.
    package let amount: Cents
    /// The customer's words.
    package let description: String
    /// How it stands.
    package let status: OrderStatus
    /// Server time of the order, microseconds since 1970.
    package let createdAt: Int64
    /// Server time of its last change, microseconds since 1970.
    package let updatedAt: Int64
    /// `insufficient_funds`, `account_not_found` or what a later server says; nil unless failed.
    package let failureReason: String?
    /// When this screen learned of the present status, monotonic; the model fills it in.
    package internal(set) var learnedAt: Instant = 0
    /// The same in wall-clock milliseconds.
    package internal(set) var learnedWall: Int64 = 0
    /// Whether the screen saw the change happen, rather than finding it in a first answer:
    /// such rows are highlighted for ``highlightLength`` from ``learnedAt``.
    package internal(set) var settledSeen = false

    /// Milliseconds for which a change is highlighted.
    package static let highlightLength: Int64 = 1_500

    /// - Parameters: as the properties; times in microseconds.
    package init(
        id: String, user: String, amount: Cents, description: String, status: OrderStatus,
        createdAt: Int64, updatedAt: Int64, failureReason: String? = nil
    ) {
        self.id = id
        self.user = user
        self.amount = amount
        self.description = description
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.failureReason = failureReason
    }

    /// Microseconds from order to settlement on the server's clock; nil while it is open.
    package var settleTime: Int64? {
        guard status.isSettled else { return nil }
        let (time, overflow) = updatedAt.subtractingReportingOverflow(createdAt)
        return overflow ? nil : max(0, time)
    }

    /// The end of the id, by which `:goto` finds it: its beginning is the time, and nearly the same
    /// for its neighbours.
    package var shortID: String { String(id.suffix(8)) }

    /// Why it failed, as words: `insufficient funds`.
    package var reasonInWords: String? {
        failureReason.map { reason in String(reason.map { $0 == "_" ? " " : $0 }) }
    }

    /// Whether the row's change is recent enough to be shown highlighted.
    package func isHighlighted(at now: Instant) -> Bool {
        settledSeen && now &- learnedAt < Self.highlightLength
    }
}

/// One step of an order's life.
package struct HistoryRow: Hashable, Sendable {
    /// What it became.
    package let status: OrderStatus
    /// Server time, microseconds since 1970.
    package let at: Int64
    /// Why, where it failed.
    package let reason: String?

    /// - Parameters: as the properties.
    package init(status: OrderStatus, at: Int64, reason: String? = nil) {
        self.status = status
        self.at = at
        self.reason = reason
    }
}
