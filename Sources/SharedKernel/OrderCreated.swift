package import JSON

/// The event `order_created`: an order was accepted and waits to be charged.
package struct OrderCreated: Hashable, Sendable {
    package let orderID: OrderID
    package let userID: UserID
    package let amount: Amount
    package let description: OrderDescription

    /// The event's name on the wire.
    package static let type = "order_created"

    /// - Parameters: as the properties.
    package init(
        orderID: OrderID, userID: UserID, amount: Amount, description: OrderDescription
    ) {
        self.orderID = orderID
        self.userID = userID
        self.amount = amount
        self.description = description
    }

    /// `{order_id, user_id, amount, description}`, the amount a JSON number.
    package var json: JSONValue {
        .object([
            .init("order_id", .string(orderID.description)),
            .init("user_id", .string(userID.text)),
            .init("amount", .number(amount.description)),
            .init("description", .string(description.text)),
        ])
    }

    /// Reads a message's body; unknown members are ignored, a missing description is empty.
    ///
    /// - Throws: ``UnreadableEvent`` that says which member is wrong.
    package init(payload: [UInt8]) throws(UnreadableEvent) {
        let event = try EventPayload(payload)
        try self.init(
            orderID: event.orderID(), userID: event.userID(), amount: event.amount(),
            description: event.description())
    }
}
