import HTTPTypes
import NIOCore
package import ServiceHost

/// Natural batching on the way to a service: while messages are under way, the requests that arrive
/// gather, and go together as the next one.
///
/// No timer is involved: who comes alone goes at once, and alone. What is sent is never sent again
/// from here, since it may have been carried out: a message that fails fails for all in it.
package struct RequestGathering: Sendable {
    /// Takes a request's own answer, once, on any thread.
    package typealias Completion = Gathering<Entry, UpstreamResponse>.Completion

    /// A request, and when its caller has given up.
    package struct Entry: Sendable {
        let request: UpstreamRequest
        let deadline: ContinuousClock.Instant
    }

    /// Messages under way at the same time: while the service commits one, the next is read.
    private static let concurrency = 2
    /// A request with a longer body goes alone.
    private static let bodyLimit = 1_024

    private let messages: GatheredMessages
    private let gathering: Gathering<Entry, UpstreamResponse>

    /// - Parameter path: of the requests: `/orders`.
    package init(client: UpstreamClient, upstream: Upstream, path: String) {
        let messages = GatheredMessages(client: client, upstream: upstream, path: path)
        self.messages = messages
        gathering = Gathering(
            concurrency: Self.concurrency,
            bounds: .init(count: MessageBatch.countLimit, size: MessageBatch.byteLimit)
        ) { await messages.send($0) }
    }

    /// Whether a request may travel with others.
    func takes(_ request: UpstreamRequest) -> Bool {
        request.method == .post && request.target == messages.path
            && takes(bytes: request.body.readableBytes)
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
        do {
            return try await gathering.submit(
                Entry(request: request, deadline: deadline), size: request.batchedSize)
        } catch let full as Gathering<Entry, UpstreamResponse>.Full {
            throw messages.fault(full)
        }
    }

    /// Sends a POST with the next message and hands its own answer over; for callers without a
    /// task, whom nobody cancels.
    package func post(_ request: UpstreamRequest, _ complete: @escaping Completion) {
        let deadline = ContinuousClock.now + messages.client.limit(nil)
        do {
            try gathering.submit(
                Entry(request: request, deadline: deadline), size: request.batchedSize, complete)
        } catch {
            complete(.failure(messages.fault(error)))
        }
    }

    /// How many requests wait to be sent.
    var waitingCount: Int { gathering.waitingCount }
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
