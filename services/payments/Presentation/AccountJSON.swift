import JSON
import PaymentsApplication
import PaymentsDomain
import SharedKernel

extension Account {
    /// The contract's account, the balance as a decimal number.
    var json: JSONValue {
        ["user_id": .string(userID.text), "balance": .number(balance.description)]
    }
}

extension Transfer {
    /// A movement of money with both its entries.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("transfer_id", .string(id)),
            .init("amount", .number(amount.description)),
            .init("debit_account", .string(debitAccount)),
            .init("credit_account", .string(creditAccount)),
            .init("created_at", .string(createdAt.description)),
        ]
        switch cause {
        case .deposit:
            members.append(.init("kind", "deposit"))
        case .charge(let order):
            members.append(.init("kind", "charge"))
            members.append(.init("order_id", .string(order.description)))
        }
        return .object(members)
    }
}

extension LedgerSummary {
    /// Counts and sums, as decimal numbers.
    var json: JSONValue {
        [
            "accounts": .integer(accounts), "balance": .number(balance.description),
            "deposits": .integer(deposits), "deposited": .number(deposited.description),
            "charges": .integer(charges), "charged": .number(charged.description),
        ]
    }
}
