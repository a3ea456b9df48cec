import JSON
import NIOHTTP1
package import SharedKernel

extension GatewayClient {
    /// Opens an account with nothing on it.
    ///
    /// - Parameter key: one for each account that is meant; the same again for a further try.
    /// - Throws: ``CallFailure``; 409 where it exists.
    package func createAccount(
        _ user: String, key: String
    ) async throws(CallFailure) -> Told<AccountRecord> {
        let body: JSONValue = ["user_id": .string(user)]
        return try await tellAccount(call(.POST, "/accounts", body: body, key: key))
    }

    /// Brings money to an account.
    ///
    /// - Parameters:
    ///   - amount: in cents, 1 to 999,999,999,999.
    ///   - key: one for each deposit that is meant; the same again for a further try.
    /// - Throws: ``CallFailure``; 404 for an account that does not exist.
    package func deposit(
        _ amount: Money, to user: String, key: String
    ) async throws(CallFailure) -> Told<AccountRecord> {
        let body: JSONValue = ["amount": .number(amount.description)]
        return try await tellAccount(
            call(.POST, "/accounts/\(PercentEncoding.encode(user))/deposit", body: body, key: key))
    }

    /// What is on an account.
    ///
    /// - Throws: ``CallFailure``; 404 for an account that does not exist.
    package func account(_ user: String) async throws(CallFailure) -> Told<AccountRecord> {
        try await tellAccount(call(.GET, "/accounts/\(PercentEncoding.encode(user))/balance"))
    }

    /// Accounts, newest first.
    ///
    /// - Parameters:
    ///   - before: a page's `next`.
    ///   - limit: 1 to 1,000.
    /// - Throws: ``CallFailure``.
    package func accounts(
        before: String? = nil, limit: Int = 100
    ) async throws(CallFailure) -> Told<Page<AccountRecord>> {
        let query = Self.query([("before", before), ("limit", "\(limit)")])
        return try await tellPage(call(.GET, "/accounts" + query)) { json throws(CallFailure) in
            try AccountRecord(json: json)
        }
    }

    /// How many accounts there are, and what is on them.
    ///
    /// - Throws: ``CallFailure``; 404 from a gateway that counts nothing.
    package func accountSummary() async throws(CallFailure) -> Told<AccountSummaryRecord> {
        try await tell(call(.GET, "/accounts/summary")) { json throws(CallFailure) in
            try AccountSummaryRecord(json: json)
        }
    }

    /// An account's movements, newest first.
    ///
    /// - Parameters: as for ``accounts(before:limit:)``.
    /// - Throws: ``CallFailure``; 404 for an account that does not exist.
    package func transfers(
        of user: String, before: String? = nil, limit: Int = 100
    ) async throws(CallFailure) -> Told<Page<TransferRecord>> {
        let query = Self.query([("before", before), ("limit", "\(limit)")])
        let path = "/accounts/\(PercentEncoding.encode(user))/transfers"
        return try await tellPage(call(.GET, path + query)) { json throws(CallFailure) in
            try TransferRecord(json: json)
        }
    }

    /// Whether the gateway and the services behind it can work; not being ready is an answer too.
    ///
    /// - Throws: ``CallFailure``.
    package func readiness() async throws(CallFailure) -> Told<ReadinessRecord> {
        try await tell(call(.GET, "/ready", accepting: [503])) { json throws(CallFailure) in
            try ReadinessRecord(json: json)
        }
    }

    private func tellAccount(_ answer: Answer) throws(CallFailure) -> Told<AccountRecord> {
        try tell(answer) { json throws(CallFailure) in try AccountRecord(json: json) }
    }
}
