import Hummingbird
import JSON
package import PaymentsApplication
package import ServiceHost
import SharedKernel

/// The auditor's door of Payments: it only looks.
package struct LedgerAuditRoutes: Sendable {
    private let auditLedger: AuditLedger

    /// - Parameter auditLedger: the use case behind the door.
    package init(auditLedger: AuditLedger) { self.auditLedger = auditLedger }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        router.get("/audit/charges", charges)
        router.get("/audit/accounts", accounts)
        router.get("/audit/movements", movements)
    }

    private func charges(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let (one, before, limit) = try RequestFields.read(RequestFields(query: request)) { fields in
            (fields.optionalOrderID("order_id"), fields.optionalOrderID("before"), fields.limit())
        }
        let rows =
            if let one {
                try await auditLedger.charges(only: one)
            } else {
                try await auditLedger.charges(before: before, limit: limit)
            }
        let body: JSONValue = ["charges": .array(rows.map(\.json))]
        return body.response()
    }

    private func accounts(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let (after, limit) = try RequestFields.read(RequestFields(query: request)) { fields in
            (fields.place("after"), fields.limit())
        }
        let page = try await auditLedger.accounts(after: after.account, limit: limit)
        let body: JSONValue = [
            "accounts": .array(page.accounts.map(\.json)),
            "since": .string(page.since.description),
        ]
        return body.response()
    }

    private func movements(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let (after, through, until) = try RequestFields.read(RequestFields(query: request)) {
            fields in
            (
                fields.place("after"), fields.place("through", absent: .max).account,
                fields.optionalTimestamp("until") ?? .now
            )
        }
        let page = try await auditLedger.movements(after: after, through: through, until: until)
        let sums = page.sums.sorted { $0.key < $1.key }
        let body: JSONValue = [
            "movements": .array(
                sums.map { number, sums in
                    .object([.init("account", .integer(number))] + sums.members)
                }),
            "next": page.next.map { .string($0.text) } ?? .null,
        ]
        return body.response()
    }
}

extension RequestFields {
    /// An account's number, or a place as ``LedgerPlace/text`` writes it.
    fileprivate mutating func place(_ name: String, absent: Int64 = 0) -> LedgerPlace {
        let first = LedgerPlace(account: absent, transfer: nil)
        guard let text = optionalText(name) else { return first }
        guard let place = LedgerPlace(text) else {
            refuse(name, type: "value_error", msg: "Value error, no place in the ledger")
            return first
        }
        return place
    }
}

extension LedgerPlace {
    /// `17` or `17,` and a transfer's id.
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let account = parts.first.flatMap({ Int64($0) }), parts.count <= 2 else {
            return nil
        }
        let transfer = parts.count == 2 ? MessageID(String(parts[1])) : nil
        guard parts.count == 1 || transfer != nil else { return nil }
        self.init(account: account, transfer: transfer)
    }

    fileprivate var text: String {
        transfer.map { "\(account),\($0)" } ?? "\(account)"
    }
}

extension ChargeAuditRow {
    /// The decision and the debits, each where there is one.
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [.init("order_id", .string(orderID.description))]
        if let decision {
            members += [
                .init("user_id", .string(decision.userID)),
                .init("amount", .number(decision.amount.description)),
                .init("status", .string(decision.isPaid ? "PAID" : "FAILED")),
            ]
        }
        if let debits {
            members += [
                .init("debits", .integer(debits.count)),
                .init("debited", .number(debits.amount.description)),
            ]
            if let userID = debits.userID {
                members.append(.init("debited_from", .string(userID)))
            }
        }
        return .object(members)
    }
}

extension AccountAuditRow {
    fileprivate var json: JSONValue {
        .object(
            [
                .init("account", .integer(number)), .init("user_id", .string(userID)),
                .init("balance", .number(balance.description)),
            ] + recent.members)
    }
}

extension MovementSums {
    fileprivate var members: [JSONValue.Member] {
        [
            .init("deposited", .number(deposited.description)),
            .init("charged", .number(charged.description)),
        ]
    }
}
