package import JSON

/// Why an order could not be charged.
package enum FailureReason: String, Hashable, Sendable {
    case insufficientFunds = "insufficient_funds"
    case accountNotFound = "account_not_found"
}

/// The events `payment_success` and `payment_failed`: what became of an order's charge, once and
/// for all.
package struct PaymentOutcome: Hashable, Sendable {
    /// The verdict on the charge.
    package enum Verdict: Hashable, Sendable {
        case paid
        /// The reason is absent only where a service older than Kassa sent the event.
        case failed(FailureReason?)
    }

    package let orderID: OrderID
    package let userID: UserID
    package let amount: Amount
    package let verdict: Verdict

    /// The success event's name on the wire.
    package static let successType = "payment_success"
    /// The failure event's name on the wire.
    package static let failureType = "payment_failed"

    /// - Parameters: as the properties.
    package init(orderID: OrderID, userID: UserID, amount: Amount, verdict: Verdict) {
        self.orderID = orderID
        self.userID = userID
        self.amount = amount
        self.verdict = verdict
    }

    /// The event's name on the wire.
    package var type: String {
        verdict == .paid ? Self.successType : Self.failureType
    }

    /// `{user_id, order_id, amount}` plus `reason` when failed.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("user_id", .string(userID.text)),
            .init("order_id", .string(orderID.description)),
            .init("amount", .number(amount.description)),
        ]
        if case .failed(let reason?) = verdict {
            members.append(.init("reason", .string(reason.rawValue)))
        }
        return .object(members)
    }

    /// Reads a message's body; unknown members are ignored.
    ///
    /// - Parameters:
    ///   - type: the event's name, which the queue tells where the message does not.
    ///   - payload: the body.
    /// - Throws: ``UnreadableEvent`` that says which member is wrong.
    package init(type: String, payload: [UInt8]) throws(UnreadableEvent) {
        let event = try EventPayload(payload)
        let verdict: Verdict
        switch type {
        case Self.successType: verdict = .paid
        case Self.failureType: verdict = .failed(event.reason())
        default: throw UnreadableEvent("type: '\(type)' is no payment outcome")
        }
        try self.init(
            orderID: event.orderID(), userID: event.userID(), amount: event.amount(),
            verdict: verdict)
    }
}
