import GRPCCore

/// Gives `work` so much time for its answer.
///
/// When the time is over the caller has his answer at once; the work is cancelled and may go on for
/// as long as it cannot be undone, within its own deadlines: a task group would wait for it.
///
/// - Throws: `RPCError` DEADLINE_EXCEEDED, `CancellationError`, or what `work` throws.
func withDeadline<Answer: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    let (results, first) = AsyncStream.makeStream(
        of: Result<Answer, any Error>.self, bufferingPolicy: .bufferingOldest(1))
    let worker = Task {
        do {
            first.yield(.success(try await work()))
        } catch {
            first.yield(.failure(error))
        }
    }
    let timer = Task {
        try await Task.sleep(for: limit)
        first.yield(
            .failure(
                RPCError(code: .deadlineExceeded, message: "Orders did not answer in time")))
    }
    defer {
        worker.cancel()
        timer.cancel()
    }
    for await result in results { return try result.get() }
    throw CancellationError()
}
