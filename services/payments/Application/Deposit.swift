package import PaymentsDomain
package import SharedKernel

/// Brings money into an account.
package struct Deposit: Sendable {
    private let accounts: any AccountRepository

    /// - Parameter accounts: where the accounts are.
    package init(accounts: any AccountRepository) { self.accounts = accounts }

    /// - Parameter key: whatever comes again under it is this deposit, not a second one.
    /// - Returns: the account after it, or nil where the user has none.
    /// - Throws: ``BalanceLimitReached``, `IdempotencyKeyIsBusy`.
    package func callAsFunction(
        _ amount: Amount, to userID: UserID, under key: IdempotencyKey? = nil
    ) async throws -> Idempotent<Account?> {
        let fingerprint = RequestFingerprint("deposit", userID.text, amount.description)
        return try await accounts.deposit(amount, to: userID, claim: key?.claim(fingerprint))
    }
}
