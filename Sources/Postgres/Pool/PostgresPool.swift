package import Logging
package import PinnedThread
import Synchronization

/// A bounded set of connections to one database.
///
/// Connections are opened when first needed, on a thread each or on one that is given, and opened
/// anew when they break.
/// Callers that find all of them busy queue in order of arrival, for at most the wait limit.
package final class PostgresPool: Sendable {
    private typealias Continuation = CheckedContinuation<PostgresConnection, any Error>

    private struct Waiter {
        let continuation: Continuation
        let timer: Task<Void, any Error>
    }

    let logger: Logger
    private let configuration: PostgresConfiguration
    private let waitLimit: Duration
    /// How long a caller may be expected to wait; queues before the pool keep to it, too.
    package let expectedWaitLimit: Duration
    private let thread: PinnedThread?
    private let gate = ReconnectGate()
    private let cutoff = Cutoff()
    private let checkOuts: Mutex<CheckOuts<PostgresConnection, Waiter>>

    /// - Parameters:
    ///   - configuration: where the database is, and its timeouts.
    ///   - size: connections, and threads, at most.
    ///   - waiters: callers that may wait for a connection at the same time.
    ///   - waitLimit: how long each of them waits before `.poolExhausted`.
    ///   - expectedWaitLimit: who would have to wait longer, by what the work took lately, is told
    ///     `.poolExhausted` at once; an hour, the default, is for those who can wait.
    ///   - thread: where a pool of one connection has it, beside whoever uses it.
    ///   - logger: told of lost connections and re-runs.
    package init(
        _ configuration: PostgresConfiguration, size: Int, waiters: Int = 1_024,
        waitLimit: Duration = .seconds(2), expectedWaitLimit: Duration = .seconds(3_600),
        on thread: PinnedThread? = nil, logger: Logger
    ) {
        precondition(thread == nil || size == 1)
        self.thread = thread
        self.configuration = configuration
        self.waitLimit = waitLimit
        self.expectedWaitLimit = expectedWaitLimit
        self.logger = logger
        checkOuts = Mutex(
            CheckOuts(size: size, maxWaiters: waiters, expectedWaitLimit: expectedWaitLimit))
    }

    // MARK: Work

    /// One statement, committed by itself, in one round trip (two on a connection's first use of
    /// it).
    ///
    /// Throws ``PostgresError``. When the connection is lost or the deadline passes on the way, the
    /// statement may have taken effect: `.outcomeUnknown` or `.timedOut`.
    ///
    /// - Parameter committed: as in ``transaction(retry:committed:_:)``.
    @discardableResult
    package func execute(
        _ statement: Statement, retry: RetryPolicy = .conflicts,
        committed: @escaping @Sendable () -> Void = {}
    ) async throws -> PostgresRows {
        let encoded = try statement.encoded()
        return try await retrying(retry) { connection in
            try await connection.execute(encoded, committed: committed)
        }
    }

    /// Several statements without parameters, of any text, in one implicit transaction: for test
    /// set-up.
    package func script(_ sql: String) async throws {
        try await retrying(.never) { connection in try await connection.script(sql) }
    }

    /// Runs `body` between BEGIN and COMMIT (READ COMMITTED), on the connection's own thread.
    ///
    /// The body is synchronous: awaiting anything in a transaction does not compile. It may run
    /// several times, so it must have no effect but on the transaction. When this returns, the work
    /// is committed; when it throws, it is not, but for `.outcomeUnknown`: then the connection was
    /// lost during COMMIT. An error that `body` throws rolls back and comes out unchanged.
    ///
    /// - Parameter committed: called on that thread once the work is committed, before the caller
    ///   hears of it: what others wait for need not wait until the caller has been woken.
    package func transaction<R: Sendable>(
        retry: RetryPolicy = .conflicts, committed: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (PostgresTransaction) throws -> R
    ) async throws -> R {
        try await retrying(retry) { connection in
            try await connection.transaction(body, committed: committed)
        }
    }

    /// Runs `body` in a transaction that stays open over its awaits; commits when it returns, rolls
    /// back when it throws, and is never re-run.
    ///
    /// For the outbox relay alone, whose row locks must be held while the broker confirms. The
    /// server ends the session when the body leaves it idle for longer than the configuration
    /// allows.
    package func held<R: Sendable>(
        _ body: (HeldTransaction) async throws -> R
    ) async throws -> R {
        try await withConnection { connection in
            let transaction = HeldTransaction(connection)
            let value: R
            do {
                value = try await body(transaction)
            } catch {
                if transaction.end() { await connection.rollBackHeld() }
                throw error
            }
            if transaction.end() { try await connection.commitHeld() }
            return value
        }
    }

    /// A round trip to the server; throws when there is none.
    package func ping() async throws { try await execute(Statement("SELECT 1")) }

    // MARK: Life

    /// How many connections are idle and busy, and how many callers wait.
    package struct Status: Sendable, Equatable {
        /// Connections that nobody uses.
        package let idle: Int
        /// Connections in use.
        package let busy: Int
        /// Callers in the queue.
        package let waiting: Int
    }

    /// The pool at this moment, for metrics.
    package var status: Status {
        checkOuts.withLock { Status(idle: $0.idle.count, busy: $0.busy, waiting: $0.waiting) }
    }

    /// Refuses new work and those who wait, lets what is under way finish (for at most the query
    /// deadline), and closes all connections. Calling it twice is harmless.
    package func close() async {
        for connection in refuseWork() { await connection.close() }
        // In a task of its own: a caller that is cancelled while it shuts down waits all the same.
        await Task {
            let deadline = ContinuousClock.now + configuration.queryDeadline
            while status.busy > 0, .now < deadline {
                try? await Task.sleep(for: .milliseconds(5))
            }
        }.value
        if status.busy > 0 { logger.warning("PostgreSQL pool closed over unfinished work") }
    }

    /// Gives up on the server: work under way fails within a moment, and all that comes later is
    /// refused. For a stop that cannot wait until a silent server's deadlines have passed.
    package func abandon() {
        cutoff.cut()
        _ = refuseWork()
    }

    /// Gives the connections that nobody uses.
    private func refuseWork() -> [PostgresConnection] {
        let (waiters, idle) = checkOuts.withLock { $0.close() }
        for waiter in waiters {
            waiter.timer.cancel()
            waiter.continuation.resume(throwing: PostgresError(.poolClosed, "the pool is closed"))
        }
        return idle
    }

    // MARK: Re-runs

    /// Runs `work` on a connection, and again as `policy` says, while the first query deadline
    /// lasts.
    ///
    /// The connection is given back between the runs: the pause must not starve others.
    private func retrying<R: Sendable>(
        _ policy: RetryPolicy, _ work: (PostgresConnection) async throws -> R
    ) async throws -> R {
        let deadline = ContinuousClock.now + configuration.queryDeadline
        var attempt = 1
        while true {
            do {
                return try await withConnection(work)
            } catch let error as PostgresError
                where policy.covers(error) && attempt < RetryPolicy.attempts && .now < deadline
            {
                logger.debug("running again", metadata: ["cause": "\(error)"])
                let pause = RetryPolicy.pause(after: attempt, error)
                // Cancelled while it pauses, the caller learns why the work failed.
                guard (try? await Task.sleep(for: pause)) != nil else { throw error }
                attempt += 1
            }
        }
    }

    // MARK: Check-outs

    private func withConnection<R: Sendable>(
        _ work: (PostgresConnection) async throws -> R
    ) async throws -> R {
        let connection = try await checkOut()
        let started = ContinuousClock.now
        defer { giveBack(connection, after: .now - started) }
        return try await work(connection)
    }

    private func checkOut() async throws -> PostgresConnection {
        let id = checkOuts.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                checkOut(id, continuation)
                // Cancelled before it queued, the handler found nobody to cancel.
                if Task.isCancelled { giveUp(id, CancellationError()) }
            }
        } onCancel: {
            giveUp(id, CancellationError())
        }
    }

    private func checkOut(_ id: UInt64, _ continuation: Continuation) {
        let answer = checkOuts.withLock { checkOuts in
            let answer = checkOuts.take()
            if case .wait = answer {
                let timer = Task { [self] in
                    try await Task.sleep(for: waitLimit)
                    giveUp(id, PostgresError(.poolExhausted, "no connection came free in time"))
                }
                checkOuts.enqueue(Waiter(continuation: continuation, timer: timer), id: id)
            }
            return answer
        }
        switch answer {
        case .take(let connection): continuation.resume(returning: connection)
        case .make: make(for: continuation)
        case .wait: break
        case .refuse(let error): continuation.resume(throwing: error)
        }
    }

    private func make(for continuation: Continuation) {
        do throws(PostgresError) {
            continuation.resume(
                returning: try PostgresConnection(
                    configuration, on: thread, gate: gate, cutoff: cutoff, logger: logger))
        } catch {
            let waiter = checkOuts.withLock { $0.failedToMake() }
            waiter?.timer.cancel()
            waiter?.continuation.resume(throwing: error)
            continuation.resume(throwing: error)
        }
    }

    private func giveBack(_ connection: PostgresConnection, after turn: Duration) {
        guard let waiter = checkOuts.withLock({ $0.giveBack(connection, after: turn) }) else {
            return
        }
        waiter.timer.cancel()
        waiter.continuation.resume(returning: connection)
    }

    private func giveUp(_ id: UInt64, _ error: any Error) {
        guard let waiter = checkOuts.withLock({ $0.remove(id) }) else { return }
        waiter.timer.cancel()
        waiter.continuation.resume(throwing: error)
    }
}
