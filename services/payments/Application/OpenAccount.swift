package import PaymentsDomain
package import SharedKernel

/// Opens an account for a user who has none.
package struct OpenAccount: Sendable {
    private let accounts: any AccountRepository

    /// - Parameter accounts: where the accounts are.
    package init(accounts: any AccountRepository) { self.accounts = accounts }

    /// - Parameter key: whatever comes again under it is this opening, not a second one.
    /// - Returns: the account, or nil where the user has one already, whose balance stays.
    /// - Throws: `IdempotencyKeyIsBusy`.
    package func callAsFunction(
        _ userID: UserID, under key: IdempotencyKey? = nil
    ) async throws -> Idempotent<Account?> {
        let fingerprint = RequestFingerprint("open account", userID.text)
        return try await accounts.open(userID, claim: key?.claim(fingerprint))
    }
}
