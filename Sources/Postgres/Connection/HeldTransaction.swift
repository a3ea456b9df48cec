import Synchronization

/// A transaction that stays open over awaits, for the length of a ``PostgresPool/held(_:)`` body.
package final class HeldTransaction: Sendable {
    private let connection: PostgresConnection
    private let isOpen = Atomic(true)

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// Runs one statement. Throws `.query` once it is committed, or the body has returned.
    @discardableResult
    package func execute(_ statement: Statement) async throws -> PostgresRows {
        try requireOpen()
        return try await connection.executeHeld(statement)
    }

    /// Runs the last statements and commits, in one round trip; as the last thing that a body
    /// does. Throws `.query` where nothing was run before.
    package func commit(together statements: [Statement]) async throws {
        try requireOpen()
        try await connection.commitHeld(together: statements)
        isOpen.store(false, ordering: .releasing)
    }

    private func requireOpen() throws(PostgresError) {
        guard isOpen.load(ordering: .acquiring) else {
            throw PostgresError(.query, "the held transaction has ended")
        }
    }

    /// - Returns: whether it is still to be committed, or rolled back.
    func end() -> Bool { isOpen.exchange(false, ordering: .acquiringAndReleasing) }
}
