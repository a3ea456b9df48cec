package import PaymentsDomain
package import SharedKernel

/// Brings money into an account.
package struct Deposit: Sendable {
    private let accounts: any AccountRepository

    /// - Parameter accounts: where the accounts are.
    package init(accounts: any AccountRepository) { self.accounts = accounts }

    /// - Returns: the account after it, or nil where the user has none.
    /// - Throws: ``BalanceLimitReached``.
    package func callAsFunction(_ amount: Amount, to userID: UserID) async throws -> Account? {
        try await accounts.deposit(amount, to: userID)
    }
}
