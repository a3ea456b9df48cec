import AMQP
import Logging
import Messaging
import SharedKernel
import Synchronization

/// Keeps one connection to the broker open: opens it, prepares it, opens another when it is gone.
///
/// Tries go on until ``close()``, with jittered back-off from 0.1 to 30 s. A failure is told once,
/// and again only when its reason changes.
actor RabbitLink {
    /// One connection's life. Ids ascend: a delivery's tag means something in its own session only.
    struct Session: Sendable {
        let id: UInt64
        let connection: AMQPConnection
    }

    typealias Prepare = @Sendable (AMQPConnection) async throws -> Void

    private enum Phase {
        case idle
        case trying(since: Timestamp, last: AMQPError?)
        case resting(since: Timestamp, AMQPError)
        case up(Session)
        case closed
    }

    /// A connection that lasted this long has worked: its loss is the first failure of a new
    /// series.
    private static let proof = Duration.seconds(5)

    private let url: BrokerURL
    private let name: String
    private let limits: AMQPLimits
    private let logger: Logger
    private let prepare: Prepare
    private let created = Timestamp.now
    private let snapshot: Mutex<Phase> = Mutex(.idle)
    private var phase: Phase = .idle {
        didSet {
            snapshot.withLock { $0 = phase }
            for waiter in waiters.values { waiter.resume() }
            waiters = [:]
        }
    }
    private var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    private var waits: UInt64 = 0
    private var sessions: UInt64 = 0
    private var lastComplaint: String?
    private var keeper: Task<Void, Never>?

    /// - Parameters:
    ///   - name: what the broker's list of connections shows.
    ///   - prepare: what a fresh connection needs before it is of use; when it throws, that try has
    ///     failed.
    init(
        url: BrokerURL, name: String, limits: AMQPLimits, logger: Logger,
        prepare: @escaping Prepare
    ) {
        self.url = url
        self.name = name
        self.limits = limits
        self.logger = logger
        self.prepare = prepare
    }

    /// As last known; asks nobody.
    nonisolated var state: RabbitState {
        switch snapshot.withLock({ $0 }) {
        case .idle: .connecting(since: created, reason: nil)
        case .trying(let since, let error): .connecting(since: since, reason: error?.description)
        case .resting(let since, let error): .connecting(since: since, reason: error.description)
        case .closed: .closed
        case .up(let session):
            switch session.connection.status {
            case .open: .connected
            case .blocked(let reason): .blocked(reason: reason)
            case .closed(let error): .connecting(since: .now, reason: error.description)
            }
        }
    }

    /// Begins to connect. Once; later calls do nothing.
    func start() {
        guard keeper == nil, case .idle = phase else { return }
        phase = .trying(since: .now, last: nil)
        keeper = Task { await self.keep() }
    }

    /// Keeps the connection until the calling task is cancelled, then closes.
    func run() async {
        start()
        while !isClosed, (try? await change()) != nil {}
        await close()
    }

    /// Ends the connection, politely where it still works, and every wait. A try under way ends by
    /// itself.
    func close() async {
        let current = phase
        phase = .closed
        keeper?.cancel()
        if case .up(let session) = current { await session.connection.close() }
    }

    /// The open connection; waits for one as long as it takes.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the link closed.
    nonisolated func session() async throws -> Session {
        if let session = liveSession { return session }
        return try await sessionInTime()
    }

    private func sessionInTime() async throws -> Session {
        start()
        while true {
            if let session = liveSession { return session }
            guard !isClosed else { throw CancellationError() }
            try await change()
        }
    }

    /// The open connection; waits for a try that is under way, but not for the next one.
    ///
    /// - Throws: ``AMQPError``: why the last try failed.
    nonisolated func sessionNow() async throws -> Session {
        if let session = liveSession { return session }
        return try await sessionOrReason()
    }

    private func sessionOrReason() async throws -> Session {
        start()
        while true {
            if let session = liveSession { return session }
            switch phase {
            case .closed: throw AMQPError(.closed, "The link to the broker is closed.")
            case .resting(_, let error): throw error
            case .idle, .trying, .up: try await change()
            }
        }
    }

    /// Returns once the open connection's thread has taken a turn; at once where there is none. It
    /// waits for ever where that thread is stuck in C, which is what it is for.
    nonisolated func turn() async { await liveSession?.connection.turn() }

    /// Whether `id` names the connection that is open now.
    nonisolated func session(_ id: UInt64) -> Session? {
        guard let session = liveSession, session.id == id else { return nil }
        return session
    }

    private var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Without a turn of the actor, which may have to wait for the thread of another who asked.
    private nonisolated var liveSession: Session? {
        guard case .up(let session) = snapshot.withLock({ $0 }) else { return nil }
        // The connection knows of its end a moment before its keeper does.
        if case .closed = session.connection.status { return nil }
        return session
    }

    // MARK: The keeper.

    private func keep() async {
        var backoff = Backoff(initial: .milliseconds(100), cap: .seconds(30))
        var since = Timestamp.now
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            let error = await live(since: since)
            if ContinuousClock.now - begun > Self.proof {
                backoff.reset()
                since = .now
            }
            guard !Task.isCancelled else { break }
            phase = .resting(since: since, error)
            complain(error)
            try? await Task.sleep(for: backoff.next())
            guard !Task.isCancelled else { break }
            phase = .trying(since: since, last: error)
        }
    }

    /// One connection from its opening to its end; gives back why it ended.
    private func live(since: Timestamp) async -> AMQPError {
        let connection: AMQPConnection
        do {
            connection = try await AMQPConnection.open(
                url, name: name, limits: limits, logger: logger)
        } catch {
            return Self.reason(error)
        }
        do {
            try await prepare(connection)
        } catch {
            await connection.close()
            return Self.reason(error)
        }
        guard !Task.isCancelled else {
            await connection.close()
            return AMQPError(.closed, "The link to the broker is closed.")
        }
        sessions += 1
        phase = .up(Session(id: sessions, connection: connection))
        lastComplaint = nil
        logger.info("Connected to the broker", metadata: ["broker": "\(url)", "as": "\(name)"])
        for await reason in connection.termination { return reason }
        // Cancelled while it worked: whoever closes the link closes the connection.
        return AMQPError(.closed, "The link to the broker is closed.")
    }

    private func complain(_ error: AMQPError) {
        let words = error.description
        let level: Logger.Level = words == lastComplaint ? .debug : .warning
        lastComplaint = words
        logger.log(
            level: level, "No connection to the broker, trying again with back-off",
            metadata: ["broker": "\(url)", "as": "\(name)", "reason": "\(words)"])
    }

    private static func reason(_ error: any Error) -> AMQPError {
        error as? AMQPError ?? AMQPError(.connectionLost, "\(error)")
    }

    // MARK: Waiting.

    private func change() async throws {
        waits += 1
        let id = waits
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiters[id] = continuation
                }
            }
        } onCancel: {
            Task { await self.stopWaiting(id) }
        }
    }

    private func stopWaiting(_ id: UInt64) {
        waiters.removeValue(forKey: id)?.resume(throwing: CancellationError())
    }
}
