package import PaymentsDomain
package import SharedKernel

/// Looks at accounts and at how their money moved.
package struct ViewAccounts: Sendable {
    private let accounts: any AccountRepository

    /// - Parameter accounts: where the accounts are.
    package init(accounts: any AccountRepository) { self.accounts = accounts }

    /// A page, and where the next one begins.
    package struct Page<Element: Sendable>: Sendable {
        /// Newest first.
        package let elements: [Element]
        /// The page after it; nil where this is the last.
        package let next: PageRequest?
    }

    /// - Returns: the user's account, or nil.
    package func account(of userID: UserID) async throws -> Account? {
        try await accounts.find(userID)
    }

    /// - Returns: accounts, newest first.
    package func list(_ page: PageRequest) async throws -> Page<Account> {
        Self.page(page, try await accounts.list(page.wider), key: \.userID.text)
    }

    /// - Returns: movements, newest first; nil where the user has no account.
    package func transfers(
        of userID: UserID, _ page: PageRequest
    ) async throws -> Page<Transfer>? {
        guard let found = try await accounts.transfers(of: userID, page.wider) else { return nil }
        return Self.page(page, found, key: \.id)
    }

    /// How many accounts and movements there are.
    package func summary() async throws -> LedgerSummary { try await accounts.summary() }

    private static func page<Element>(
        _ asked: PageRequest, _ found: [Element], key: (Element) -> String
    ) -> Page<Element> {
        guard found.count > asked.limit else { return Page(elements: found, next: nil) }
        let elements = Array(found.prefix(asked.limit))
        return Page(
            elements: elements,
            next: PageRequest(before: elements.last.map(key), limit: asked.limit))
    }
}

extension PageRequest {
    /// One row more than asked for: it tells whether a next page exists.
    fileprivate var wider: PageRequest { PageRequest(before: before, limit: limit + 1) }
}
