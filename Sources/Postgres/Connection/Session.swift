import CLibPQ
import Glibc

/// One open libpq connection, driven without ever blocking past a deadline.
///
/// Not `Sendable`: it belongs to one ``PostgresConnection`` and lives on that actor's thread.
/// libpq's own `PQexec` waits for ever on a silent peer; here everything is sent and received
/// nonblocking, under `poll`, and a deadline that passes ends the session.
final class Session {
    let handle: OpaquePointer
    private let queryDeadline: Duration
    private let cutoff: Cutoff
    private var prepared: [String: String] = [:]
    private var preparedCount = 0
    /// Whether the connection broke, or was given up at a deadline: what was under way may have
    /// happened.
    private(set) var isLost = false
    /// Whether it answers but is of no more use: a standby, stale statements, a COPY under way.
    private var isSpent = false
    private let notices = NoticeSink()

    /// Takes over a handle that is connected and nonblocking.
    init(adopting handle: OpaquePointer, queryDeadline: Duration, cutoff: Cutoff) {
        self.handle = handle
        self.queryDeadline = queryDeadline
        self.cutoff = cutoff
        notices.attach(to: handle)
    }

    deinit {
        // A polite goodbye is for peers that listen.
        if isLost { shutdown(PQsocket(handle), Int32(SHUT_RDWR)) }
        PQfinish(handle)
    }

    /// Whether the session can take another statement, as far as is known without asking the
    /// server.
    var isUsable: Bool {
        !isLost && !isSpent && !notices.sawEnd && PQstatus(handle) == CONNECTION_OK
    }

    /// Whether the session is outside any transaction.
    var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// Reads what the server said while nobody asked: a server that has gone says so here, before
    /// a statement or a COMMIT is risked on it.
    func isAlive() -> Bool {
        guard isUsable else { return false }
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while isUsable, poll(&descriptor, 1, 0) > 0 {
            guard PQconsumeInput(handle) == 1 else { return false }
            _ = PQisBusy(handle)
        }
        return isUsable
    }

    // MARK: Statements

    /// Runs `statement`, prepared on its first use.
    func execute(_ statement: EncodedStatement) throws(PostgresError) -> PostgresRows {
        let deadline = deadline
        let name = try preparing(statement.sql, by: deadline)
        let sent = send(statement, preparedAs: name)
        return PostgresRows(try result(sent: sent, by: deadline))
    }

    func send(_ statement: EncodedStatement, preparedAs name: String) -> Int32 {
        statement.withCStrings { values in
            PQsendQueryPrepared(
                handle, name, Int32(values.count), values.baseAddress, nil, nil, 0)
        }
    }

    /// Of what is sent now.
    var deadline: ContinuousClock.Instant { .now + queryDeadline }

    /// Runs one or more statements without parameters and gives the last one's result.
    @discardableResult
    func script(
        _ sql: String, within limit: Duration? = nil
    ) throws(PostgresError) -> ResultHandle {
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.invalidParameter, "the script holds a NUL")
        }
        return try result(
            sent: PQsendQuery(handle, sql), by: ContinuousClock.now + (limit ?? queryDeadline))
    }

    private func preparing(
        _ sql: String, by deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> String {
        if let name = prepared[sql] { return name }
        let name = freshName()
        _ = try result(sent: PQsendPrepare(handle, name, sql, 0, nil), by: deadline)
        prepared[sql] = name
        return name
    }

    func preparedName(of sql: String) -> String? { prepared[sql] }

    func freshName() -> String {
        preparedCount += 1
        return "s\(preparedCount)"
    }

    func isPrepared(_ sql: String, as name: String) { prepared[sql] = name }

    // MARK: The wire

    /// Sends what is queued, receives every result, and gives the last or throws the first error.
    private func result(
        sent: Int32, by deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> ResultHandle {
        guard sent == 1 else { throw lost() }
        try flush(by: deadline)
        var last: ResultHandle?
        var failure: PostgresError?
        while let next = try nextResult(by: deadline) {
            try refuseCopy(next)
            do {
                last = try judged(next)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        guard let last else { throw lost() }
        return last
    }

    /// The result, unless it is an error. Notes what it says of the session.
    func judged(_ result: ResultHandle) throws(PostgresError) -> ResultHandle {
        defer { if PQstatus(handle) == CONNECTION_BAD { isLost = true } }
        guard result.status == PGRES_FATAL_ERROR else { return result }
        let error = result.error
        if error.code == .staleStatement || error.code == .notPrimary { isSpent = true }
        throw error
    }

    /// This room has no use for COPY, and libpq would repeat its result for ever.
    func refuseCopy(_ result: ResultHandle) throws(PostgresError) {
        let others = [
            PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_FATAL_ERROR,
            PGRES_PIPELINE_ABORTED,
        ]
        guard !others.contains(result.status) else { return }
        isSpent = true
        throw PostgresError(.query, "the statement began a COPY")
    }

    func flush(by deadline: ContinuousClock.Instant) throws(PostgresError) {
        while true {
            let state = PQflush(handle)
            if state == 0 { return }
            guard state > 0 else { throw lost() }
            // The server may be unable to read before we have read what it sent: both directions.
            let events = try wait(for: POLLIN | POLLOUT, by: deadline)
            if events & POLLIN != 0, PQconsumeInput(handle) == 0 { throw lost() }
        }
    }

    func nextResult(
        by deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> ResultHandle? {
        while PQisBusy(handle) == 1 {
            _ = try wait(for: POLLIN, by: deadline)
            // On failure libpq makes a result of what it knows, which PQgetResult then gives.
            if PQconsumeInput(handle) == 0 { break }
        }
        return PQgetResult(handle).map(ResultHandle.init)
    }

    private func wait(
        for events: Int32, by deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> Int32 {
        do {
            return try Readiness.wait(for: events, on: PQsocket(handle), by: deadline, or: cutoff)
        } catch {
            isLost = true
            throw error
        }
    }

    func lost() -> PostgresError {
        isLost = true
        let message = String(cString: PQerrorMessage(handle)).oneLine
        return PostgresError(.connectionLost, message.isEmpty ? "connection lost" : message)
    }
}
