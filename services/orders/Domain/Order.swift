package import SharedKernel

/// Where an order stands. PAID and FAILED are final.
package enum OrderStatus: String, CaseIterable, Sendable {
    case pending = "PENDING"
    case paid = "PAID"
    case failed = "FAILED"
}

/// What a customer asks for, before it is accepted.
package struct OrderRequest: Hashable, Sendable {
    package let userID: UserID
    package let amount: Amount
    package let description: OrderDescription

    /// - Parameters: as the properties.
    package init(userID: UserID, amount: Amount, description: OrderDescription) {
        self.userID = userID
        self.amount = amount
        self.description = description
    }

    /// What is asked for, in one text.
    package var fingerprint: RequestFingerprint {
        RequestFingerprint(
            "place order", userID.text, amount.description, description.text)
    }
}

/// An order that was accepted.
package struct Order: Hashable, Sendable {
    package let id: OrderID
    package let request: OrderRequest
    package private(set) var status: OrderStatus
    /// Why it failed; nil unless it did, and where the payment service gave no reason.
    package private(set) var failureReason: FailureReason?
    package let createdAt: Timestamp
    /// When the status was last changed.
    package let updatedAt: Timestamp

    /// - Parameters: as the properties.
    package init(
        id: OrderID, request: OrderRequest, status: OrderStatus = .pending,
        failureReason: FailureReason? = nil, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.request = request
        self.status = status
        self.failureReason = failureReason
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension Order {
    /// The event that tells Payments of an accepted order.
    package static func created(_ id: OrderID, _ request: OrderRequest) -> OrderCreated {
        OrderCreated(
            orderID: id, userID: request.userID, amount: request.amount,
            description: request.description)
    }

    /// What a payment outcome means for an order.
    package enum Settlement: Hashable, Sendable {
        /// The order reached its end by it.
        case settled
        /// The order had reached the same end before.
        case repeated
        /// It cannot be true of this order, which stays as it is.
        case contradicts(String)
    }

    /// Ends the order, once: a second outcome either repeats the first or contradicts it, and
    /// changes nothing.
    package mutating func settle(by outcome: PaymentOutcome) -> Settlement {
        guard outcome.userID == request.userID, outcome.amount == request.amount else {
            return .contradicts("user or amount differ from the order's")
        }
        let (end, reason): (OrderStatus, FailureReason?) =
            switch outcome.verdict {
            case .paid: (.paid, nil)
            case .failed(let reason): (.failed, reason)
            }
        if status == end { return .repeated }
        guard status == .pending else {
            return .contradicts("order is \(status.rawValue) already")
        }
        status = end
        failureReason = reason
        return .settled
    }
}
