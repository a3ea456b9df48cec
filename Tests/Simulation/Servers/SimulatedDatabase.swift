import Messaging
import TestDoubles

/// A database server: what is committed survives everything, and a call to it may fail on the way
/// there, there, or on the way back.
///
/// A transaction is one indivisible step here; how PostgreSQL keeps concurrent ones apart is for
/// the tests over the real one.
///
/// Unchecked for the reason that ``World`` has.
final class SimulatedDatabase: @unchecked Sendable {
    let world: World
    let name: String
    let adversity: Adversity
    let outbox: InMemoryOutbox
    let parking = InMemoryParking()
    private let server: SimulatedProcess
    private var claims: [OutboxClaim] = []
    /// Out of reach for everybody.
    var isAway = false {
        didSet { if isAway { for claim in claims { end(claim) } } }
    }

    /// After which the server ends a session that sits in an open transaction.
    private static let idleLimit: Duration = .seconds(15)

    init(_ name: String, number: Int, in world: World, _ adversity: Adversity) {
        self.world = world
        self.name = name
        self.adversity = adversity
        server = SimulatedProcess(name, number: number, in: world)
        outbox = InMemoryOutbox(now: { .microseconds(world.now) })
    }

    /// One call: there, the work, and back.
    ///
    /// The work is done by the server: whether the caller lives by then is all the same to it.
    func call<R: Sendable>(
        _ work: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withUnsafeThrowingContinuation { continuation in
            world.after(adversity.latency(world)) { [self] in
                guard !isAway, !strikes(adversity.refusedCalls, "call refused") else {
                    return answer(continuation, .failure(SimulatedFault.unreachable))
                }
                guard !strikes(adversity.conflicts, "rolled back") else {
                    return answer(continuation, .failure(SimulatedFault.conflict))
                }
                server.start { [self] in
                    let result: Result<R, any Error>
                    do { result = .success(try await work()) } catch { result = .failure(error) }
                    if strikes(adversity.lostAnswers, "answer lost") {
                        answer(continuation, .failure(SimulatedFault.outcomeUnknown))
                    } else {
                        answer(continuation, result)
                    }
                }
            }
        }
    }

    /// The same, tried again as the connection pool does, which knows what its callers' keys make
    /// harmless to repeat.
    func call<R: Sendable>(
        repeating isIdempotent: Bool, _ work: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        for attempt in 1..<5 {
            do {
                return try await call(work)
            } catch let fault as SimulatedFault where isIdempotent || fault == .conflict {
                let pause = Duration.milliseconds(50 << attempt)
                try await VirtualClock(world: world).rest(for: world.duration(pause / 2, pause))
            }
        }
        return try await call(work)
    }

    private func answer<R: Sendable>(
        _ continuation: UnsafeContinuation<R, any Error>, _ result: Result<R, any Error>
    ) {
        world.after(adversity.latency(world)) { continuation.resume(with: result) }
    }

    private func strikes(_ perMille: Int, _ words: StaticString) -> Bool {
        guard world.chance(perMille) else { return false }
        world.trace.note(world, name, words)
        return true
    }

    // MARK: Sessions that hold rows

    /// Claims rows for a session of `process`, which ends when the process does, or sits idle.
    func claim(_ limit: Int, for process: SimulatedProcess) -> OutboxClaim {
        let claim = OutboxClaim(messages: outbox.claim(limit), process: process)
        guard !claim.messages.isEmpty else { return claim }
        claims.append(claim)
        world.after(Self.idleLimit) { [self] in end(claim) }
        return claim
    }

    /// Commits what became of the rows.
    ///
    /// - Throws: where the session has ended meanwhile: the rows were free again long since.
    func settle(_ claim: OutboxClaim, _ dispositions: [OutboxDisposition]) throws {
        guard claim.isOpen else { throw SimulatedFault.unreachable }
        forget(claim)
        outbox.settle(claim.messages, dispositions)
    }

    /// Rolls back: the rows are free again.
    func end(_ claim: OutboxClaim) {
        guard claim.isOpen else { return }
        forget(claim)
        outbox.settle(claim.messages, [])
    }

    /// The process is gone, and its connections with it.
    func disconnect(_ process: SimulatedProcess) {
        for claim in claims where claim.process === process { end(claim) }
    }

    private func forget(_ claim: OutboxClaim) {
        claim.isOpen = false
        claims.removeAll { $0 === claim }
    }
}

/// Rows of an outbox that a session holds.
///
/// Unchecked for the reason that ``World`` has.
final class OutboxClaim: @unchecked Sendable {
    let messages: [OutboxMessage]
    let process: SimulatedProcess
    var isOpen = true

    init(messages: [OutboxMessage], process: SimulatedProcess) {
        self.messages = messages
        self.process = process
    }
}
