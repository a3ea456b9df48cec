package import PaymentsDomain

/// Charges orders to their users' accounts, each at most once, however often it is asked to.
///
/// A refusal (no account, no funds) is an outcome that commits; only an error rolls back.
package struct ChargeOrders: Sendable {
    private let accounts: any AccountRepository

    /// - Parameter accounts: where the accounts are.
    package init(accounts: any AccountRepository) { self.accounts = accounts }

    /// - Returns: what became of each request, in order.
    package func callAsFunction(_ requests: [ChargeRequest]) async throws -> [ChargeBook.Entry] {
        try await accounts.charge(requests) { order, book in book.charge(order) }
    }

    /// - Returns: what would become of the request; nothing does.
    package func rehearse(_ request: ChargeRequest) async throws -> ChargeRehearsal {
        try await accounts.rehearse(request) { order, book in book.charge(order) }
    }
}
