import HTTPTypes
import NIOCore
import ServiceHost
import Synchronization

/// Natural batching on the way to a service: while messages are under way, the requests that arrive
/// gather, and go together as the next one.
///
/// No timer is involved: who comes alone goes at once, and alone. What is sent is never sent again
/// from here, since it may have been carried out: a message that fails fails for all in it.
///
/// A lock and not an actor: a request changes tasks once, when it is answered.
package final class RequestGathering: Sendable {
    /// Takes a request's own answer, once, on any thread.
    package typealias Completion =
        @Sendable (_ outcome: Result<UpstreamResponse, any Error>) -> Void

    fileprivate struct Entry {
        let id: UInt64
        let request: UpstreamRequest
        let deadline: ContinuousClock.Instant
        let complete: Completion
    }

    private struct State {
        var waiting: [Entry] = []
        var lastID: UInt64 = 0
        var running = 0
        var isAloneUntil: ContinuousClock.Instant?
    }

    /// Messages under way at the same time: while the service commits one, the next is read.
    private static let concurrency = 2
    /// A request with a longer body goes alone.
    private static let bodyLimit = 1_024
    /// Requests that may wait for their message.
    private static let waitingLimit = 4_096
    /// How long a service that takes no batches, an older one, is not asked again.
    private static let refusalMemory: Duration = .seconds(30)

    private let client: UpstreamClient
    private let upstream: Upstream
    private let path: String
    private let state = Mutex(State())

    /// - Parameter path: of the requests: `/orders`.
    package init(client: UpstreamClient, upstream: Upstream, path: String) {
        self.client = client
        self.upstream = upstream
        self.path = path
    }

    /// Whether a request may travel with others.
    func takes(_ request: UpstreamRequest) -> Bool {
        request.method == .post && request.target == path && takes(bytes: request.body.readableBytes)
    }

    /// Whether a body of so many bytes may travel with others.
    package func takes(bytes: Int) -> Bool { bytes <= Self.bodyLimit }

    /// Sends a request with the next message and gives its own answer. Withdrawn where its caller
    /// is cancelled while it waits.
    ///
    /// - Throws: ``UpstreamFault``.
    func exchange(
        _ request: UpstreamRequest, _ deadline: ContinuousClock.Instant
    ) async throws -> UpstreamResponse {
        let id = try nextID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(
                    Entry(id: id, request: request, deadline: deadline) { outcome in
                        continuation.resume(with: outcome)
                    })
            }
        } onCancel: {
            withdraw(id)
        }
    }

    /// Sends a POST with the next message and hands its own answer over; for callers without a
    /// task, whom nobody cancels.
    ///
    /// - Parameter limit: how long it may take in all, where it is shorter than the client's own.
    package func post(
        _ request: UpstreamRequest, within limit: Duration? = nil,
        _ complete: @escaping Completion
    ) {
        let deadline = ContinuousClock.now + client.limit(limit)
        do {
            enter(
                Entry(
                    id: try nextID(), request: request, deadline: deadline, complete: complete))
        } catch {
            complete(.failure(error))
        }
    }

    private func nextID() throws(UpstreamFault) -> UInt64 {
        try state.withLock { state throws(UpstreamFault) in
            guard state.waiting.count < Self.waitingLimit else {
                throw fault(.unavailable, "\(state.waiting.count) requests wait already")
            }
            state.lastID += 1
            return state.lastID
        }
    }

    /// How many requests wait to be sent.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// A task is told that it is cancelled before its handler runs: either it is seen here, or
    /// ``withdraw(_:)`` finds the entry.
    private func enter(_ entry: Entry) {
        let (isCancelled, isFirst) = state.withLock { state in
            guard !Task.isCancelled else { return (true, false) }
            state.waiting.append(entry)
            guard state.running < Self.concurrency else { return (false, false) }
            state.running += 1
            return (false, true)
        }
        if isCancelled { entry.complete(.failure(CancellationError())) }
        guard isFirst else { return }
        let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
        Task(executorPreference: executor ?? EventLoopGroupTaskExecutor.doors) {
            await self.drain()
        }
    }

    private func withdraw(_ id: UInt64) {
        let entry = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        entry?.complete(.failure(CancellationError()))
    }

    private func drain() async {
        while let batch = take() {
            for (entry, answer) in zip(batch, await send(batch)) {
                entry.complete(answer)
            }
        }
    }

    /// The next message's requests; nil, and one fewer under way, where nothing waits. Those whose
    /// time is over are told so.
    private func take() -> [Entry]? {
        let taken: [Entry]? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            var bytes = 0
            // A request is far smaller than a batch, so that at least one fits.
            let fitting = Array(
                state.waiting.prefix(MessageBatch.countLimit).prefix { entry in
                    bytes += entry.request.batchedSize
                    return bytes <= MessageBatch.byteLimit
                })
            state.waiting.removeFirst(fitting.count)
            return fitting
        }
        let now = ContinuousClock.now
        return taken?.filter { entry in
            guard entry.deadline <= now else { return true }
            entry.complete(.failure(fault(.timedOut, "waited too long to be sent")))
            return false
        }
    }

    private func send(_ batch: [Entry]) async -> [Result<UpstreamResponse, any Error>] {
        let isAlone = state.withLock { $0.isAloneUntil.map { .now <= $0 } ?? false }
        guard batch.count > 1, !isAlone else { return await alone(batch) }
        do {
            let response = try await client.exchange(
                UpstreamRequest(
                    method: .post, target: path + MessageBatch.pathSuffix,
                    headers: [.contentType: MessageBatch.mediaType],
                    body: MessageBatch(batch.map { message($0.request) }).encoded),
                with: upstream, batch.map(\.deadline).min() ?? .now)
            switch response.status {
            case .ok: return try answers(response, batch.count).map { .success($0) }
            case .notFound, .methodNotAllowed:
                // Nothing was done: a service that knows batches finds the path.
                state.withLock { $0.isAloneUntil = .now + Self.refusalMemory }
                return await alone(batch)
            default: return batch.map { _ in .success(response) }
            }
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }

    /// Each as a message of its own, all at the same time.
    private func alone(_ batch: [Entry]) async -> [Result<UpstreamResponse, any Error>] {
        guard batch.count > 1 else {
            var answers: [Result<UpstreamResponse, any Error>] = []
            for entry in batch { answers.append(await client.answer(entry, upstream)) }
            return answers
        }
        return await withTaskGroup(
            of: (Int, Result<UpstreamResponse, any Error>).self
        ) { [client, upstream] group in
            for (position, entry) in batch.enumerated() {
                group.addTask { (position, await client.answer(entry, upstream)) }
            }
            var answers = batch.map { _ in
                Result<UpstreamResponse, any Error>.failure(CancellationError())
            }
            for await (position, answer) in group { answers[position] = answer }
            return answers
        }
    }

    private func message(_ request: UpstreamRequest) -> MessageBatch.Message {
        var headers = HTTPFields(request.headers.filter { Self.fields.contains($0.name) })
        for (name, value) in client.credential?.fields(speakingFor: request.caller) ?? [] {
            guard let name = HTTPField.Name(name), name != .authorization else { continue }
            headers[name] = value
        }
        return MessageBatch.Message(headers: headers, body: request.body)
    }

    /// What a service reads of a request besides its body.
    private static let fields: Set<HTTPField.Name> = [
        .contentType, .idempotencyKey, .requestID, .traceparent, .tracestate,
    ]

    private func answers(
        _ response: UpstreamResponse, _ count: Int
    ) throws(UpstreamFault) -> [UpstreamResponse] {
        guard case .whole(let bytes) = response.body, let batch = try? MessageBatch(parsing: bytes),
            batch.messages.count == count
        else { throw fault(.broken, "the answer is no batch of \(count)") }
        return batch.messages.map { message in
            UpstreamResponse(
                status: message.status ?? .badGateway,
                headers: HopByHop.removed(from: message.headers), body: .whole(message.body))
        }
    }

    private func fault(_ kind: UpstreamFault.Kind, _ reason: String) -> UpstreamFault {
        UpstreamFault(kind: kind, upstream: upstream.name, reason: reason)
    }
}

extension UpstreamClient {
    fileprivate func answer(
        _ entry: RequestGathering.Entry, _ upstream: Upstream
    ) async -> Result<UpstreamResponse, any Error> {
        do {
            return .success(try await exchange(entry.request, with: upstream, entry.deadline))
        } catch {
            return .failure(error)
        }
    }
}

extension UpstreamRequest {
    /// No fewer bytes than it has in a batch; names and values of the fields that travel along are
    /// bounded by the door that let them in.
    fileprivate var batchedSize: Int {
        headers.reduce(body.readableBytes + 512) {
            $0 + $1.name.canonicalName.utf8.count + $1.value.utf8.count + 3
        }
    }
}
