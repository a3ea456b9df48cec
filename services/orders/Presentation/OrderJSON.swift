import JSON
import OrdersApplication
import OrdersDomain
import SharedKernel

extension Order {
    /// The contract's Order, the amount as a decimal number.
    ///
    /// - Parameter history: given for one order, left out of lists.
    func json(history: [OrderChange]? = nil) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("order_id", .string(id.description)),
            .init("user_id", .string(request.userID.text)),
            .init("amount", .number(request.amount.description)),
            .init("description", .string(request.description.text)),
            .init("status", .string(status.rawValue)),
            .init("created_at", .string(createdAt.description)),
            .init("updated_at", .string(updatedAt.description)),
        ]
        if let failureReason {
            members.append(.init("failure_reason", .string(failureReason.rawValue)))
        }
        if let history {
            members.append(.init("history", .array(history.map(\.json))))
        }
        return .object(members)
    }
}

extension OrderChange {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("status", .string(status.rawValue)), .init("at", .string(at.description)),
        ]
        if let reason { members.append(.init("reason", .string(reason.rawValue))) }
        return .object(members)
    }
}

extension OrderSummary {
    /// Counts and sums, as decimal numbers.
    var json: JSONValue {
        [
            "pending": .integer(pending.count), "paid": .integer(paid.count),
            "failed": .integer(failed.count),
            "pending_amount": .number(pending.amount.description),
            "paid_amount": .number(paid.amount.description),
            "failed_amount": .number(failed.amount.description),
        ]
    }
}
