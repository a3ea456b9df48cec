package import SharedKernel

/// A number or text that a test wanted a sample of, and that none can be made of.
package struct NoSuchSample: Error {
    let text: String
}

/// An order id made of a number; greater numbers give later ids.
///
/// - Parameter number: 0 to 999,999,999,999.
package func orderID(_ number: Int) throws -> OrderID {
    guard let id = OrderID(uuid(number)) else { throw NoSuchSample(text: "\(number)") }
    return id
}

/// A message id made of a number; greater numbers give later ids.
///
/// - Parameter number: 0 to 999,999,999,999.
package func messageID(_ number: Int) throws -> MessageID {
    guard let id = MessageID(uuid(number)) else { throw NoSuchSample(text: "\(number)") }
    return id
}

private func uuid(_ number: Int) -> String {
    let digits = String(number)
    return "00000000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
}

/// Texts that have broken databases, terminals or parsers, and that a user id may be.
package let nastyTexts = [
    "'; DROP TABLE orders; --", "{\"a\",NULL}", "NULL", "\\", "\\N", "\"", "%s%n", "$1", " ",
    "e\u{301}", "\u{E9}", "🧾", "\u{FFFD}", "\u{FEFF}x", "a,b}{",
    String(repeating: "🛒", count: 32),
]

/// The announcement of an order with these values.
package func orderCreated(_ number: Int, by user: String, _ amount: String) throws -> OrderCreated {
    OrderCreated(
        orderID: try orderID(number), userID: try UserID(user), amount: try Amount(decimal: amount),
        description: try OrderDescription(""))
}
