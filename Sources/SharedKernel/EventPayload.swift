import JSON

/// Why a message's body is no event: no later try could read it, so it is parked.
package struct UnreadableEvent: Error, Equatable, Sendable, CustomStringConvertible {
    /// The member and what is wrong with it.
    package let description: String

    /// - Parameter description: the member and what is wrong with it.
    package init(_ description: String) { self.description = description }
}

/// The members that the events share, read at the door into types that cannot be wrong.
struct EventPayload {
    private let body: JSONValue

    init(_ payload: [UInt8]) throws(UnreadableEvent) {
        do throws(JSONSyntaxError) {
            body = try JSONValue(parsing: payload)
        } catch {
            throw UnreadableEvent("body: no JSON, \(error.reason) (byte \(error.offset))")
        }
        guard case .object = body else { throw UnreadableEvent("body: no JSON object") }
    }

    func orderID() throws(UnreadableEvent) -> OrderID {
        guard let id = OrderID(try text("order_id")) else {
            throw UnreadableEvent("order_id: no UUID")
        }
        return id
    }

    func userID() throws(UnreadableEvent) -> UserID {
        let text = try text("user_id")
        do throws(UserID.ParseError) {
            return try UserID(text)
        } catch {
            throw UnreadableEvent("user_id: \(error)")
        }
    }

    /// Whole cents, also where a producer's binary fractions left a trace beside them.
    func amount() throws(UnreadableEvent) -> Amount {
        guard case .number(let text)? = body["amount"] else {
            throw UnreadableEvent("amount: missing or no number")
        }
        do throws(Amount.ParseError) {
            return try Amount(noisyDecimal: text)
        } catch {
            throw UnreadableEvent("amount: \(error)")
        }
    }

    func description() throws(UnreadableEvent) -> OrderDescription {
        let text: String
        switch body["description"] {
        case nil, .null: text = ""
        case .string(let words): text = words
        default: throw UnreadableEvent("description: no string")
        }
        do throws(OrderDescription.ParseError) {
            return try OrderDescription(text)
        } catch {
            throw UnreadableEvent("description: \(error)")
        }
    }

    func reason() -> FailureReason? {
        body["reason"]?.string.flatMap(FailureReason.init(rawValue:))
    }

    private func text(_ name: String) throws(UnreadableEvent) -> String {
        guard let text = body[name]?.string else {
            throw UnreadableEvent("\(name): missing or no string")
        }
        return text
    }
}
