package import PaymentsDomain
package import SharedKernel

/// Opens an account for a user who has none.
package struct OpenAccount: Sendable {
    private let accounts: any AccountRepository

    /// - Parameter accounts: where the accounts are.
    package init(accounts: any AccountRepository) { self.accounts = accounts }

    /// - Returns: the account, or nil where the user has one already, whose balance stays.
    package func callAsFunction(_ userID: UserID) async throws -> Account? {
        try await accounts.open(userID)
    }
}
