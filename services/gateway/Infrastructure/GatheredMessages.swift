import HTTPTypes
import NIOCore
import ServiceHost
import Synchronization

/// How requests that have gathered travel.
struct GatheredMessages: Sendable {
    typealias Entry = RequestGathering.Entry
    typealias Outcome = Result<UpstreamResponse, any Error>

    let client: UpstreamClient
    let upstream: Upstream
    let path: String
    private let manners = Manners()

    init(client: UpstreamClient, upstream: Upstream, path: String) {
        self.client = client
        self.upstream = upstream
        self.path = path
    }

    /// Sends them, but for those whose callers have given up; each gets its own answer.
    func send(_ entries: [Entry]) async -> [Outcome] {
        let now = ContinuousClock.now
        let batch = entries.filter { $0.deadline > now }
        var answers = await sendInTime(batch)[...]
        return entries.map { entry in
            guard entry.deadline > now else {
                return .failure(fault(.timedOut, "waited too long to be sent"))
            }
            return answers.popFirst() ?? .failure(fault(.broken, "no answer"))
        }
    }

    private func sendInTime(_ batch: [Entry]) async -> [Outcome] {
        guard batch.count > 1, !manners.refusesBatches else { return await alone(batch) }
        do {
            let response = try await client.exchange(
                UpstreamRequest(
                    method: .post, target: path + MessageBatch.pathSuffix,
                    headers: [.contentType: MessageBatch.mediaType],
                    body: MessageBatch(batch.map { message($0.request) }).encoded),
                with: upstream, batch.map(\.deadline).min() ?? .now)
            switch response.status {
            case .ok: return try answers(response, batch.count).map { .success($0) }
            case .notFound, .methodNotAllowed, .badRequest, .contentTooLarge:
                // Nothing was done: an older service finds no such path, or takes smaller batches.
                manners.refusedBatch()
                return await alone(batch)
            default: return batch.map { _ in .success(response) }
            }
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }

    /// Each as a message of its own, all at the same time.
    private func alone(_ batch: [Entry]) async -> [Outcome] {
        guard batch.count > 1 else {
            var answers: [Outcome] = []
            for entry in batch { answers.append(await client.answer(entry, upstream)) }
            return answers
        }
        return await withTaskGroup(of: (Int, Outcome).self) { [client, upstream] group in
            for (position, entry) in batch.enumerated() {
                group.addTask { (position, await client.answer(entry, upstream)) }
            }
            var answers = batch.map { _ in Outcome.failure(CancellationError()) }
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

    /// There is no room to wait in.
    func fault(_ full: Gathering<Entry, UpstreamResponse>.Full) -> UpstreamFault {
        fault(.unavailable, "\(full.waiting) requests wait already")
    }

    private func fault(_ kind: UpstreamFault.Kind, _ reason: String) -> UpstreamFault {
        UpstreamFault(kind: kind, upstream: upstream.name, reason: reason)
    }
}

/// What is known of how a service takes batches.
private final class Manners: Sendable {
    /// How long a service that takes none, an older one, is not asked again.
    private static let memory: Duration = .seconds(30)
    private let refusedUntil = Mutex<ContinuousClock.Instant?>(nil)

    var refusesBatches: Bool {
        refusedUntil.withLock { $0.map { .now <= $0 } ?? false }
    }

    func refusedBatch() { refusedUntil.withLock { $0 = .now + Self.memory } }
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
