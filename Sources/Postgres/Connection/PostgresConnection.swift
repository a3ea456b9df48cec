import Logging
import PinnedThread

/// One place in the pool: an actor on its own thread, with a session that is opened when it is
/// needed.
///
/// libpq wants one thread for each connection, and every wait here blocks: so the actor's code runs
/// on a ``PinnedThread`` and holds up nobody else, but for whoever chose to run there, too.
actor PostgresConnection {
    private let thread: PinnedThread
    private let connector: Connector
    private let gate: ReconnectGate
    private let logger: Logger
    private var session: Session?
    /// The transaction that is open over awaits.
    private var held: PostgresTransaction?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Throws `.unreachable` where the process may have no more threads or descriptors.
    ///
    /// - Parameter thread: the connection's, where it is not to make one of its own.
    init(
        _ configuration: PostgresConfiguration, on thread: PinnedThread?, gate: ReconnectGate,
        cutoff: Cutoff, logger: Logger
    ) throws(PostgresError) {
        do {
            self.thread = try thread ?? PinnedThread(name: "postgres")
        } catch {
            throw PostgresError(.unreachable, "\(error)")
        }
        connector = Connector(configuration: configuration, cutoff: cutoff)
        self.gate = gate
        self.logger = logger
    }

    /// One statement and its own commit. A connection that is lost on the way leaves the outcome
    /// unknown.
    func execute(
        _ statement: EncodedStatement, committed: @Sendable () -> Void
    ) throws(PostgresError) -> PostgresRows {
        let session = try readySession()
        defer { settle() }
        let rows = try uncertain(session) { () throws(PostgresError) in
            try session.execute(statement)
        }
        committed()
        return rows
    }

    /// Several statements without parameters, in one implicit transaction.
    func script(_ sql: String) throws(PostgresError) {
        let session = try readySession()
        defer { settle() }
        try uncertain(session) { () throws(PostgresError) in _ = try session.script(sql) }
    }

    /// BEGIN, `body`, COMMIT; or ROLLBACK when it throws. BEGIN travels with the first statement,
    /// and COMMIT with the last where the body says which that is.
    func transaction<R: Sendable>(
        _ body: @Sendable (PostgresTransaction) throws -> R, committed: @Sendable () -> Void
    ) throws -> R {
        let session = try readySession()
        defer { settle() }
        let transaction = PostgresTransaction(session)
        let value: R
        do {
            value = try body(transaction)
        } catch {
            try rollBack(session, after: transaction)
            throw error
        }
        try commit(session, after: transaction)
        committed()
        return value
    }

    /// Ends the session politely; the next use would open another.
    func close() { session = nil }

    // MARK: Held transactions

    /// Runs a statement in the transaction that is open over awaits, and begins it with the first.
    func executeHeld(_ statement: Statement) throws(PostgresError) -> PostgresRows {
        if let held { return try held.execute(statement) }
        let transaction = PostgresTransaction(try readySession())
        held = transaction
        return try transaction.execute(statement)
    }

    /// Runs the last statements of that transaction and commits it, in one round trip.
    func commitHeld(together statements: [Statement]) throws(PostgresError) {
        guard let held else {
            throw PostgresError(.query, "the held transaction has not begun")
        }
        try held.commit(together: statements)
        self.held = nil
        settle()
    }

    func commitHeld() throws(PostgresError) {
        guard let held else { return }
        self.held = nil
        guard let session else {
            throw PostgresError(.connectionLost, "lost before COMMIT")
        }
        defer { settle() }
        try commit(session, after: held)
    }

    func rollBackHeld() {
        guard let held else { return }
        self.held = nil
        if let session { try? rollBack(session, after: held) }
        settle()
    }

    // MARK: Beginnings and ends

    private func readySession() throws(PostgresError) -> Session {
        if let session, session.isIdle, session.isAlive() { return session }
        if session != nil { logger.info("PostgreSQL connection lost while idle; opening another") }
        session = nil
        let opened = try gate.pass(connector.open)
        session = opened
        return opened
    }

    /// After every piece of work: only a session that is whole and outside a transaction is kept.
    private func settle() {
        if let session, session.isUsable, session.isIdle { return }
        if session != nil { logger.warning("PostgreSQL connection discarded") }
        session = nil
    }

    /// Throws what stood in the transaction's way if it is worth a re-run: the body may have thrown
    /// something else because of it.
    private func rollBack(_ session: Session, after transaction: PostgresTransaction) throws {
        if transaction.hasBegun, session.isUsable, !session.isIdle {
            _ = try? session.script("ROLLBACK")
        }
        guard let failure = transaction.failure else { return }
        if failure.isConflict { throw failure }
    }

    private func commit(
        _ session: Session, after transaction: PostgresTransaction
    ) throws(PostgresError) {
        guard transaction.hasBegun, !transaction.isCommitted else { return }
        // Lost while the body was busy with other things: COMMIT was not sent, so this much is
        // certain.
        guard session.isAlive() else {
            throw transaction.failure ?? PostgresError(.connectionLost, "lost before COMMIT")
        }
        // Its own COMMIT failed, and the body went on all the same.
        guard !session.isIdle else { throw transaction.failure ?? .overAlready }
        let result: ResultHandle
        do {
            result = try session.script("COMMIT")
        } catch {
            throw session.isLost ? error.asUnknownOutcome : error
        }
        if result.commandTag == "COMMIT" { return }
        // COMMIT of a failed transaction succeeds, as ROLLBACK.
        if let failure = transaction.failure, failure.isConflict { throw failure }
        let cause = transaction.failure.map { ": \($0)" } ?? ""
        throw PostgresError(.rolledBack, "COMMIT was answered by \(result.commandTag)\(cause)")
    }

    /// Runs what commits by itself: when the connection breaks on the way, nobody knows. (A
    /// deadline that passes says as much by its own name.)
    private func uncertain<R>(
        _ session: Session, _ work: () throws(PostgresError) -> R
    ) throws(PostgresError) -> R {
        do {
            return try work()
        } catch {
            throw session.isLost && error.code != .timedOut ? error.asUnknownOutcome : error
        }
    }
}
