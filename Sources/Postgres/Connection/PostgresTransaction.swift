/// An open transaction, for the length of a ``PostgresPool/transaction(retry:_:)`` body.
///
/// Not `Sendable`, and the body is synchronous: it cannot be kept, sent elsewhere or awaited over.
package final class PostgresTransaction {
    private let session: Session
    /// Whether the server knows of it: BEGIN travels with the first statement.
    private(set) var hasBegun = false
    /// Whether COMMIT travelled with the last.
    private(set) var isCommitted = false
    /// The first failure: what comes after it is only "current transaction is aborted".
    private(set) var failure: PostgresError?

    init(_ session: Session) { self.session = session }

    /// Runs one statement; blocks this connection's own thread until the answer or the query
    /// deadline.
    ///
    /// Throws whatever the server refuses, as ``PostgresError``. After that the transaction is
    /// aborted: let the error go through.
    @discardableResult
    package func execute(_ statement: Statement) throws(PostgresError) -> PostgresRows {
        if !hasBegun, let rows = try execute(together: [statement]).first { return rows }
        return try recording { () throws(PostgresError) in
            try session.execute(statement.encoded())
        }
    }

    /// Runs several statements in one round trip, in their order, each as if it had come alone:
    /// what one of them sees is what those before it and others' commits until then have left.
    ///
    /// Throws the first error; those behind it were not run.
    /// - Returns: what each gave, in their order.
    @discardableResult
    package func execute(
        together statements: [Statement]
    ) throws(PostgresError) -> [PostgresRows] {
        try recording { () throws(PostgresError) in try run(statements, committing: false) }
    }

    /// Runs the last statements and commits, in one round trip. It is the last thing that a body
    /// does: where it succeeds, the transaction is over.
    ///
    /// Throws the first error; those behind it were not run, and nothing is committed, but for
    /// `.outcomeUnknown`.
    /// - Returns: what each gave, in their order.
    @discardableResult
    package func commit(
        together statements: [Statement]
    ) throws(PostgresError) -> [PostgresRows] {
        try recording { () throws(PostgresError) in
            guard !statements.isEmpty || hasBegun else { return [] }
            // Lost while the body was busy with other things, nothing was committed for certain.
            guard session.isAlive() else {
                throw PostgresError(.connectionLost, "lost before COMMIT")
            }
            do throws(PostgresError) {
                let rows = try run(statements, committing: true)
                isCommitted = true
                return rows
            } catch {
                throw session.isLost ? error.asUnknownOutcome : error
            }
        }
    }

    private func run(
        _ statements: [Statement], committing commits: Bool
    ) throws(PostgresError) -> [PostgresRows] {
        var encoded: [EncodedStatement] = []
        for statement in statements { encoded.append(try statement.encoded()) }
        let begins = !hasBegun
        hasBegun = true
        return try session.execute(
            together: encoded, beginning: begins, committing: commits)
    }

    /// Runs several statements without parameters, of any text: for migrations and test set-up.
    ///
    /// `limit` replaces the configuration's query deadline.
    package func script(_ sql: String, within limit: Duration? = nil) throws(PostgresError) {
        try recording { () throws(PostgresError) in
            if !hasBegun { try session.script("BEGIN") }
            hasBegun = true
            try session.script(sql, within: limit)
        }
    }

    private func recording<R>(
        _ work: () throws(PostgresError) -> R
    ) throws(PostgresError) -> R {
        precondition(!isCommitted, "the transaction is over")
        // What would be run behind a COMMIT that failed would commit by itself.
        if hasBegun, session.isIdle { throw failure ?? .overAlready }
        do {
            return try work()
        } catch {
            // A refused parameter never reached the server, so the transaction is still whole.
            if failure == nil, error.code != .invalidParameter { failure = error }
            throw error
        }
    }
}
