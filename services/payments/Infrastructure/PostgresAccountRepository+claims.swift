import Failpoint
import Idempotency
import JSON
import PaymentsDomain
import Postgres
import SharedKernel

extension PostgresAccountRepository {
    /// Does `work` for an account once, and keeps what came of it under the claim in the same
    /// transaction. "No such account" is kept too: it is an answer.
    func once(
        _ claim: IdempotencyClaim, for userID: UserID,
        _ work: @escaping @Sendable (PostgresTransaction) throws -> Account?
    ) async throws -> Idempotent<Account?> {
        try await KeyWait.whileBusy {
            // The key makes it harmless to run again where nobody knows how the first run ended.
            try await pool.transaction(retry: .idempotent) { transaction in
                let outcome = try PostgresIdempotency.once(claim, in: transaction) {
                    try work(transaction)
                } encode: {
                    $0.keptText
                } decode: {
                    try Account.kept($0, of: userID)
                }
                failpoint("door.before-commit")
                return outcome
            }
        }
    }
}

extension Account? {
    /// The account as it is kept with a key; the user is the request's.
    fileprivate var keptText: String {
        guard let self else { return JSONValue.null.text }
        let members: JSONValue = [
            "account_number": .integer(self.number),
            "balance": .integer(self.balance.minorUnits),
        ]
        return members.text
    }
}

extension Account {
    /// Reads what was kept.
    fileprivate static func kept(_ text: String, of userID: UserID) throws -> Account? {
        let answer = try JSONValue(parsing: Array(text.utf8))
        if answer == .null { return nil }
        guard case .number(let number)? = answer["account_number"], let number = Int64(number),
            case .number(let balance)? = answer["balance"], let balance = Int64(balance)
        else { throw UnreadableAnswer(text: text) }
        return Account(
            number: number, userID: userID, balance: Money(minorUnits: balance))
    }
}

/// An answer that no version of this service has kept.
private struct UnreadableAnswer: Error {
    let text: String
}
