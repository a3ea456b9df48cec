/// A transaction that stays open over awaits, for the length of a ``PostgresPool/held(_:)`` body.
package struct HeldTransaction: Sendable {
    private let connection: PostgresConnection
    private let id: UInt64

    init(_ connection: PostgresConnection, _ id: UInt64) {
        self.connection = connection
        self.id = id
    }

    /// Runs one statement. Throws `.query` once the body has returned.
    @discardableResult
    package func execute(_ statement: Statement) async throws -> PostgresRows {
        try await connection.execute(try statement.encoded(), inHeld: id)
    }
}
